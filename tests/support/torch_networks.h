#pragma once
/// \file Our networks as LibTorch's, so that autograd can check gradients written by hand.

#include "bc/networks/mlp.h"
#include "tests/support/torch.h"

namespace understudy::tests {

/// The outputs `[batch, outputs]` of a network without layer_norm for inputs `h` `[batch, inputs]`,
/// differentiable by both; `parameters` `[parameter_count]` as in Mlp.
inline torch::Tensor torch_forward(const Mlp& network, const torch::Tensor& parameters, torch::Tensor h) {
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const auto w = parameters.narrow(0, network.weight_offset(layer), in * out).view({in, out});
    h = torch::matmul(h, w) + parameters.narrow(0, network.bias_offset(layer), out);
    if (layer + 1 == network.layers()) break;
    h = network.spec().activation == Activation::kTanh ? torch::tanh(h) : torch::relu(h);
  }
  return h;
}

}  // namespace understudy::tests
