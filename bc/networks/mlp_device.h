#pragma once
/// \file Networks' passes on another device than the CPU.

#include <memory>
#include <string>

#include "datasets/types/matrix.h"

namespace understudy {

class Mlp;

/// One batch's way through a network on a device: Mlp's functions of the same names, with the same shapes. All others
/// follow forward, whose parameters and inputs stay on the device until then.
class MlpDevicePass {
 public:
  virtual ~MlpDevicePass() = default;
  virtual void forward(const Mlp& network, ConstVectorRef parameters, ConstMatrixRef inputs,
                       MatrixRef outputs) = 0;
  virtual void backward(ConstMatrixRef output_gradient, VectorRef gradient) = 0;
  virtual void forward_tangent(ConstVectorRef direction, MatrixRef tangents) = 0;
  virtual void backward_inputs(ConstMatrixRef output_gradient, int first_column,
                               MatrixRef input_gradient) = 0;
};

class MlpDevice {
 public:
  virtual ~MlpDevice() = default;
  virtual std::unique_ptr<MlpDevicePass> make_pass() = 0;
};

/// "cpu" (null: our own kernels), "cuda", "cuda:N", or, to compare with, "libtorch": LibTorch's kernels on the CPU.
/// Throws UsageError that begins with --device for other names and where LibTorch has no such device.
std::unique_ptr<MlpDevice> make_mlp_device(const std::string& name);

/// From now on all networks' passes of `least_products` multiplications (batch times weights) or more run on `device`,
/// smaller ones, which copying there and back would slow down, on the CPU. Null: all on the CPU, as at the start. Not
/// while passes run.
void set_mlp_device(std::unique_ptr<MlpDevice> device, double least_products = 4e6);

/// The device for such a pass, or null.
MlpDevice* mlp_device(double products);

}  // namespace understudy
