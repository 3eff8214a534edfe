// The passes of Mlp from an output's gradient back to those of parameters and inputs.

#include <algorithm>

#include "bc/networks/blas.h"
#include "bc/networks/mlp.h"
#include "bc/networks/network_loops.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

void Mlp::backward_activation(MlpWorkspace& workspace, int layer, float* bias_gradient) const {
  const int batch = workspace.batch_;
  const int out = width(layer + 1);
  float* delta = workspace.gradients_[at(layer)].data();
  const float* output = workspace.activations_[at(layer)].data();
  if (layer + 1 == layers()) {
    if (bias_gradient != nullptr) kernels::sum_rows(delta, bias_gradient, at(batch), at(out));
  } else if (spec_.layer_norm) {
    chain(delta, output, at(batch) * at(out));
    normalise_backward(workspace, layer);
    if (bias_gradient != nullptr) kernels::sum_rows(delta, bias_gradient, at(batch), at(out));
  } else if (bias_gradient == nullptr) {
    chain(delta, output, at(batch) * at(out));
  } else if (spec_.activation == Activation::kTanh) {
    kernels::tanh_backward(delta, output, bias_gradient, at(batch), at(out));
  } else {
    kernels::relu_backward(delta, output, bias_gradient, at(batch), at(out));
  }
}

// With n = N(z) and g = dL/dn: dL/dz = (g - mean g - n mean(g n)) / deviation, means over the row.
void Mlp::normalise_backward(MlpWorkspace& workspace, int layer) const {
  Eigen::Map<Matrix> gradient(workspace.gradients_[at(layer)].data(), workspace.batch_, width(layer + 1));
  const Eigen::Map<const Matrix> normalised(workspace.normalised_[at(layer)].data(), gradient.rows(),
                                            gradient.cols());
  for (Eigen::Index row = 0; row < gradient.rows(); ++row) {
    auto g = gradient.row(row).array();
    const auto n = normalised.row(row).array();
    const float mean = g.mean();
    const float along = (g * n).mean();
    g = workspace.precisions_[at(layer)](row) * (g - mean - along * n);
  }
}

void Mlp::backward_product(ConstVectorRef parameters, MlpWorkspace& workspace, int layer, int first_column,
                           int columns, float* below, int below_stride) const {
  const int out = width(layer + 1);
  multiply({.rows = workspace.batch_,
            .columns = columns,
            .inner = out,
            .a = workspace.gradients_[at(layer)].data(),
            .a_stride = out,
            .b = parameters.data() + weight_offset(layer) + first_column * out,
            .b_stride = out,
            .transpose_b = true,
            .c = below,
            .c_stride = below_stride});
}

void Mlp::backward(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace,
                   VectorRef gradient) const {
  if (workspace.on_device_) return workspace.device_pass_->backward(workspace.output_gradient(), gradient);
  const int batch = workspace.batch_;
  for (int layer = layers() - 1; layer >= 0; --layer) {
    const int in = width(layer);
    const int out = width(layer + 1);
    const bool first = layer == 0;
    backward_activation(workspace, layer, gradient.data() + bias_offset(layer));
    multiply({.rows = in,
              .columns = out,
              .inner = batch,
              .a = first ? inputs.data() : workspace.activations_[at(layer - 1)].data(),
              .a_stride = first ? static_cast<int>(inputs.outerStride()) : in,
              .transpose_a = true,
              .b = workspace.gradients_[at(layer)].data(),
              .b_stride = out,
              .c = gradient.data() + weight_offset(layer),
              .c_stride = out});
    if (first) break;
    backward_product(parameters, workspace, layer, 0, in, workspace.gradients_[at(layer - 1)].data(), in);
  }
}

void Mlp::gather_rows_with_gradient(MlpWorkspace& workspace) const {
  const auto all = workspace.output_gradient();
  workspace.rows_.clear();
  for (int row = 0; row < workspace.batch_; ++row) {
    if ((all.row(row).array() != 0).any()) workspace.rows_.push_back(row);
  }
  const int kept = static_cast<int>(workspace.rows_.size());
  if (kept == workspace.batch_) return;
  const auto gather = [&](Vector& values, Eigen::Index columns) {
    for (int to = 0; to < kept; ++to) {
      const int from = workspace.rows_[at(to)];
      if (from != to) std::copy_n(values.data() + from * columns, columns, values.data() + to * columns);
    }
  };
  gather(workspace.gradients_.back(), width(layers()));
  for (int layer = 0; layer + 1 < layers(); ++layer) {
    gather(workspace.activations_[at(layer)], width(layer + 1));
    if (!spec_.layer_norm) continue;
    gather(workspace.normalised_[at(layer)], width(layer + 1));
    gather(workspace.precisions_[at(layer)], 1);
  }
  workspace.batch_ = kept;
}

void Mlp::backward_inputs(ConstVectorRef parameters, MlpWorkspace& workspace, int first_column,
                          MatrixRef input_gradient) const {
  if (workspace.on_device_) {
    workspace.device_pass_->backward_inputs(workspace.output_gradient(), first_column, input_gradient);
    return;
  }
  const int batch = workspace.batch_;
  if (!workspace.keeps_hidden_layers_) gather_rows_with_gradient(workspace);
  for (int layer = layers() - 1; layer >= 0; --layer) {
    backward_activation(workspace, layer, nullptr);
    if (layer > 0) {
      backward_product(parameters, workspace, layer, 0, width(layer),
                       workspace.gradients_[at(layer - 1)].data(), width(layer));
    } else {
      backward_product(parameters, workspace, layer, first_column, static_cast<int>(input_gradient.cols()),
                       input_gradient.data(), static_cast<int>(input_gradient.outerStride()));
    }
  }
  if (workspace.batch_ == batch) return;
  // Back to where they belong, from the last on, so that none is overwritten before it has moved.
  int from = workspace.batch_ - 1;
  for (int row = batch - 1; row >= 0; --row) {
    if (from >= 0 && workspace.rows_[at(from)] == row) {
      if (from != row) input_gradient.row(row) = input_gradient.row(from);
      --from;
    } else {
      input_gradient.row(row).setZero();
    }
  }
  workspace.batch_ = batch;
}

}  // namespace understudy
