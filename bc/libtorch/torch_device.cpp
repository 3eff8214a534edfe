// Networks' passes by LibTorch.

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/cuda.h>

#include <vector>

#include "bc/networks/libtorch_functions.h"
#include "bc/networks/mlp.h"
#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// The caller's memory as a tensor; LibTorch has no read-only ones.
at::Tensor view(ConstMatrixRef matrix) {
  return at::from_blob(const_cast<float*>(matrix.data()), {matrix.rows(), matrix.cols()},
                       {matrix.outerStride(), 1}, at::kFloat);
}

at::Tensor flat(ConstVectorRef vector) {
  return at::from_blob(const_cast<float*>(vector.data()), {vector.size()}, at::kFloat);
}

class TorchPass final : public MlpDevicePass {
 public:
  explicit TorchPass(at::Device device) : device_(device) {}

  void forward(const Mlp& network, ConstVectorRef parameters, ConstMatrixRef inputs,
               MatrixRef outputs) override {
    guarded([&] {
      network_ = &network;
      parameters_ = flat(parameters).to(device_);
      layers_.assign(1, view(inputs).to(device_));
      normalised_.clear();
      precisions_.clear();
      for (int layer = 0; layer < network.layers(); ++layer) {
        at::Tensor h = at::addmm(bias(parameters_, layer), layers_.back(), weights(parameters_, layer));
        if (layer + 1 < network.layers()) {
          if (network.spec().layer_norm) h = normalised(h);
          if (network.spec().activation == Activation::kTanh) {
            h.tanh_();
          } else {
            h.relu_();
          }
        }
        layers_.push_back(std::move(h));
      }
      view(outputs).copy_(layers_.back());
    });
  }

  void backward(ConstMatrixRef output_gradient, VectorRef gradient) override {
    guarded([&] {
      at::Tensor all = at::empty_like(parameters_);
      at::Tensor delta = view(output_gradient).to(device_);
      for (int layer = network_->layers() - 1; layer >= 0; --layer) {
        bias(all, layer).copy_(delta.sum(0));
        weights(all, layer).copy_(at::mm(below(layer).t(), delta));
        if (layer > 0) delta = chained(delta, layer);
      }
      flat(gradient).copy_(all);
    });
  }

  void forward_tangent(ConstVectorRef direction, MatrixRef tangents) override {
    guarded([&] {
      const at::Tensor v = flat(direction).to(device_);
      at::Tensor tangent;
      for (int layer = 0; layer < network_->layers(); ++layer) {
        at::Tensor next = at::addmm(bias(v, layer), below(layer), weights(v, layer));
        if (layer > 0) next += at::mm(tangent, weights(parameters_, layer));
        tangent = layer + 1 < network_->layers() ? through_activation(next, below(layer + 1)) : next;
      }
      view(tangents).copy_(tangent);
    });
  }

  void backward_inputs(ConstMatrixRef output_gradient, int first_column, MatrixRef input_gradient) override {
    guarded([&] {
      at::Tensor delta = view(output_gradient).to(device_);
      for (int layer = network_->layers() - 1; layer > 0; --layer) delta = chained(delta, layer);
      const at::Tensor wanted = weights(parameters_, 0).narrow(0, first_column, input_gradient.cols());
      view(input_gradient).copy_(at::mm(delta, wanted.t()));
    });
  }

 private:
  /// h of the layer below `layer`.
  const at::Tensor& below(int layer) const { return layers_[static_cast<std::size_t>(layer)]; }

  at::Tensor weights(const at::Tensor& all, int layer) const {
    const int in = network_->width(layer);
    const int out = network_->width(layer + 1);
    return all.narrow(0, network_->weight_offset(layer), in * out).view({in, out});
  }

  at::Tensor bias(const at::Tensor& all, int layer) const {
    return all.narrow(0, network_->bias_offset(layer), network_->width(layer + 1));
  }

  /// dL/dz of the layer below `layer` from dL/dz of `layer`.
  at::Tensor chained(const at::Tensor& delta, int layer) const {
    const at::Tensor g = through_activation(at::mm(delta, weights(parameters_, layer).t()), below(layer));
    if (!network_->spec().layer_norm) return g;
    const auto below_layer = static_cast<std::size_t>(layer - 1);
    const at::Tensor& n = normalised_[below_layer];  // see Mlp::normalise_backward
    return precisions_[below_layer] * (g - g.mean(1, true) - n * (g * n).mean(1, true));
  }

  /// N(z), kept with its precisions.
  at::Tensor normalised(const at::Tensor& z) {
    const at::Tensor centred = z - z.mean(1, true);
    precisions_.push_back((centred.square().mean(1, true) + 1e-5).rsqrt());
    normalised_.push_back(centred * precisions_.back());
    return normalised_.back().clone();
  }

  /// `values` times f'(z), where h = f(z).
  at::Tensor through_activation(const at::Tensor& values, const at::Tensor& h) const {
    return network_->spec().activation == Activation::kTanh ? values * (1 - h * h) : values * (h > 0);
  }

  /// Calls `work` without recording gradients, and says LibTorch's errors in one line.
  template <class Work>
  void guarded(const Work& work) const {
    const c10::NoGradGuard no_gradients;
    try {
      work();
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      throw Error("--device " + device_.str() + ": " + text.substr(0, text.find('\n')));
    }
  }

  const at::Device device_;
  const Mlp* network_ = nullptr;
  at::Tensor parameters_;                            ///< as given to forward
  std::vector<at::Tensor> layers_;                   ///< h_0 (the inputs) to h_L
  std::vector<at::Tensor> normalised_, precisions_;  ///< of hidden layers with layer_norm
};

class TorchDevice final : public MlpDevice {
 public:
  TorchDevice(at::Device device, double least_products) : device_(device), least_products_(least_products) {}
  std::unique_ptr<MlpDevicePass> make_pass() override { return std::make_unique<TorchPass>(device_); }
  bool takes(double products) const override { return products >= least_products_; }

 private:
  const at::Device device_;
  const double least_products_;
};

}  // namespace

extern "C" void understudy_libtorch_device(const std::string& name, double least_products,
                                           std::shared_ptr<MlpDevice>& device) {
  if (name == "libtorch") {
    device = std::make_shared<TorchDevice>(at::kCPU, least_products);
    return;
  }
  const int index = name == "cuda" ? 0 : std::stoi(name.substr(name.find(':') + 1));
  const auto found = static_cast<int>(torch::cuda::device_count());
  if (index >= found) {
    throw UsageError("--device " + name + ": want one of LibTorch's CUDA devices, found " +
                     std::to_string(found) + "; use cpu, or a machine and a build of LibTorch that have one");
  }
  device = std::make_shared<TorchDevice>(at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index)),
                                         least_products);
}

}  // namespace understudy
