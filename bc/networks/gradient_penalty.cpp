#include "bc/networks/gradient_penalty.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/blas.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// Under this norm g has no direction to speak of.
constexpr float kLeastNorm = 1e-12F;

}  // namespace

GradientPenalty::GradientPenalty(const Mlp& network)
    : network_(network), tangents_(at(network.layers())), bends_(at(network.layers() - 1)) {
  if (network.spec().layer_norm) throw Error("gradient penalty: want a network without layer_norm");
  if (network.spec().outputs != 1) {
    throw Error("gradient penalty: want a network of 1 output, found " +
                std::to_string(network.spec().outputs));
  }
}

double GradientPenalty::add(ConstVectorRef parameters, ConstMatrixRef inputs, double weight,
                            VectorRef gradient) {
  const int batch = static_cast<int>(inputs.rows());
  for (int layer = 0; layer < network_.layers(); ++layer) {
    if (tangents_[at(layer)].rows() < batch) tangents_[at(layer)].resize(batch, network_.width(layer));
    if (layer > 0 && bends_[at(layer - 1)].rows() < batch) {
      bends_[at(layer - 1)].resize(batch, network_.width(layer));
    }
  }
  network_.forward(parameters, inputs, workspace_);
  workspace_.output_gradient().setOnes();
  network_.backward_inputs(parameters, workspace_, 0, tangents_[0].topRows(batch));
  const double penalty = directions(batch);
  forward_tangents(parameters, batch);
  backward(parameters, inputs, static_cast<float>(weight), gradient);
  return penalty;
}

double GradientPenalty::directions(int batch) {
  double penalty = 0;
  for (int b = 0; b < batch; ++b) {
    auto row = tangents_[0].row(b);
    const float norm = row.norm();
    penalty += static_cast<double>((norm - 1) * (norm - 1));
    row *= 2 * (norm - 1) / (std::max(norm, kLeastNorm) * static_cast<float>(batch));
  }
  return penalty / batch;
}

void GradientPenalty::forward_tangents(ConstVectorRef parameters, int batch) {
  for (int layer = 0; layer + 1 < network_.layers(); ++layer) {
    const int in = network_.width(layer);
    const int out = network_.width(layer + 1);
    Matrix& tangent = tangents_[at(layer + 1)];
    multiply({.rows = batch,
              .columns = out,
              .inner = in,
              .a = tangents_[at(layer)].data(),
              .a_stride = in,
              .b = parameters.data() + network_.weight_offset(layer),
              .b_stride = out,
              .c = tangent.data(),
              .c_stride = out});
    // With z' the derivative of z in direction v, z also reaches v . g through f'(z): f''(z) z' dL/dh, where
    // dL/dz = f'(z) dL/dh is what backward_inputs left. For tanh f'' = -2 h f'.
    const auto h = workspace_.activations(layer).array();
    auto bend = bends_[at(layer)].topRows(batch).array();
    auto slope = tangent.topRows(batch).array();
    if (network_.spec().activation == Activation::kTanh) {
      bend = -2 * h * slope * workspace_.gradients(layer).array();
      slope *= 1 - h.square();
    } else {
      bend.setZero();
      slope *= (h > 0).cast<float>();
    }
  }
}

void GradientPenalty::backward(ConstVectorRef parameters, ConstMatrixRef inputs, float weight,
                               VectorRef gradient) {
  const int batch = static_cast<int>(inputs.rows());
  for (int layer = network_.layers() - 1; layer >= 0; --layer) {
    const int in = network_.width(layer);
    const int out = network_.width(layer + 1);
    const bool first = layer == 0;
    const auto accumulate = [&](const float* below, int stride, const float* delta) {
      multiply({.rows = in,
                .columns = out,
                .inner = batch,
                .a = below,
                .a_stride = stride,
                .transpose_a = true,
                .b = delta,
                .b_stride = out,
                .c = gradient.data() + network_.weight_offset(layer),
                .c_stride = out,
                .alpha = weight,
                .beta = 1});
    };
    accumulate(tangents_[at(layer)].data(), in, workspace_.gradients(layer).data());
    // The last layer is linear, and relu's f'' is 0: nothing comes through the values then.
    if (layer + 1 == network_.layers() || network_.spec().activation == Activation::kRelu) continue;
    const Matrix& bend = bends_[at(layer)];
    accumulate(first ? inputs.data() : workspace_.activations(layer - 1).data(),
               first ? static_cast<int>(inputs.outerStride()) : in, bend.data());
    gradient.segment(network_.bias_offset(layer), out) +=
        weight * bend.topRows(batch).colwise().sum().transpose();
    if (first) break;
    // dL/dz of the layer below: its own bend, and this one's through W and f'.
    Matrix& below = tangents_[at(layer)];  // no longer needed
    multiply({.rows = batch,
              .columns = in,
              .inner = out,
              .a = bend.data(),
              .a_stride = out,
              .b = parameters.data() + network_.weight_offset(layer),
              .b_stride = out,
              .transpose_b = true,
              .c = below.data(),
              .c_stride = in});
    bends_[at(layer - 1)].topRows(batch).array() +=
        below.topRows(batch).array() * (1 - workspace_.activations(layer - 1).array().square());
  }
}

}  // namespace understudy
