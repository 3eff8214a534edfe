#pragma once
/// \file Networks' passes on another device than the CPU.

#include <memory>
#include <string>

#include "datasets/types/matrix.h"

namespace understudy {

class Mlp;

/// One batch's way through a network on a device: Mlp's functions of the same names, with the same shapes.
/// All others follow forward, whose parameters and inputs stay on the device until then.
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

/// A device, which workspaces share. It may be used from several threads at once.
class MlpDevice {
 public:
  /// Multiplications (batch times weights) from which a pass is worth the copying there and back.
  static constexpr double kLeastProducts = 4e6;

  virtual ~MlpDevice() = default;
  virtual std::unique_ptr<MlpDevicePass> make_pass() = 0;
  /// Whether a pass of so many multiplications runs here; smaller ones run on the CPU.
  virtual bool takes(double products) const = 0;
};

/// "cpu" (null: our own kernels), "cuda", "cuda:N", or, to compare with, "libtorch": LibTorch's kernels on
/// the CPU. Passes of fewer than `least_products`
/// multiplications run on the CPU. Throws UsageError that begins with --device for
/// other names and where LibTorch has no such device.
std::shared_ptr<MlpDevice> make_mlp_device(const std::string& name,
                                           double least_products = MlpDevice::kLeastProducts);

}  // namespace understudy
