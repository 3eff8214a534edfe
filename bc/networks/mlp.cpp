#include "bc/networks/mlp.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "bc/networks/blas.h"
#include "bc/networks/network_loops.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// `[rows, columns]` with orthonormal rows or columns, whichever are fewer, times `gain`.
Matrix orthogonal(int rows, int columns, double gain, Rng& rng) {
  const int tall = std::max(rows, columns);
  const int narrow = std::min(rows, columns);
  Eigen::MatrixXf gaussian(tall, narrow);
  for (int c = 0; c < narrow; ++c) {
    for (int r = 0; r < tall; ++r) gaussian(r, c) = static_cast<float>(rng.normal());
  }
  const Eigen::HouseholderQR<Eigen::MatrixXf> qr(gaussian);
  Eigen::MatrixXf q = qr.householderQ() * Eigen::MatrixXf::Identity(tall, narrow);
  // Without the signs of R's diagonal the distribution would not be uniform over orthogonal matrices.
  for (int c = 0; c < narrow; ++c) {
    if (qr.matrixQR()(c, c) < 0) q.col(c) = -q.col(c);
  }
  q *= static_cast<float>(gain);
  return rows >= columns ? Matrix(q) : Matrix(q.transpose());
}

}  // namespace

std::string activation_name(Activation activation) {
  return activation == Activation::kTanh ? "tanh" : "relu";
}

Activation parse_activation(const std::string& name) {
  if (name == "tanh") return Activation::kTanh;
  if (name == "relu") return Activation::kRelu;
  throw UsageError(unknown_name("activation", name, {"relu", "tanh"}));
}

MlpWorkspace MlpWorkspace::with_hidden_layers() {
  MlpWorkspace workspace;
  workspace.keeps_hidden_layers_ = true;
  return workspace;
}

Eigen::Map<Matrix> MlpWorkspace::outputs() {
  return {activations_.back().data(), batch_, widths_.back()};
}

Eigen::Map<Matrix> MlpWorkspace::output_gradient() {
  return {gradients_.back().data(), batch_, widths_.back()};
}

Eigen::Map<const Matrix> MlpWorkspace::activations(int layer) const {
  if (on_device_) throw std::logic_error("hidden layers were computed on a device");
  return {activations_[at(layer)].data(), batch_, widths_[at(layer)]};
}

Eigen::Map<const Matrix> MlpWorkspace::gradients(int layer) const {
  if (on_device_) throw std::logic_error("hidden layers were computed on a device");
  return {gradients_[at(layer)].data(), batch_, widths_[at(layer)]};
}

Mlp::Mlp(MlpSpec spec) : spec_(std::move(spec)) {
  sizes_.push_back(spec_.inputs);
  sizes_.insert(sizes_.end(), spec_.hidden.begin(), spec_.hidden.end());
  sizes_.push_back(spec_.outputs);
  for (const int size : sizes_) {
    if (size < 1) throw Error("network: want layers of at least 1 unit, found " + std::to_string(size));
  }
  std::int64_t count = 0;
  for (int layer = 0; layer < layers(); ++layer) {
    weight_offsets_.push_back(static_cast<int>(count));
    count += (width(layer) + std::int64_t{1}) * width(layer + 1);
    if (count > std::numeric_limits<int>::max()) {
      throw UsageError("--hidden: want fewer than 2^31 weights in a network, found more in its first " +
                       std::to_string(layer + 1) + " layers");
    }
  }
  parameter_count_ = static_cast<int>(count);
}

int Mlp::bias_offset(int layer) const {
  return weight_offset(layer) + width(layer) * width(layer + 1);
}

Vector Mlp::initial_parameters(Rng& rng, double output_gain) const {
  Vector parameters = Vector::Zero(parameter_count_);
  const double hidden_gain = spec_.activation == Activation::kTanh ? 1.0 : std::sqrt(2.0);
  for (int layer = 0; layer < layers(); ++layer) {
    const double gain = layer + 1 == layers() ? output_gain : hidden_gain;
    Eigen::Map<Matrix>(parameters.data() + weight_offset(layer), width(layer), width(layer + 1)) =
        orthogonal(width(layer), width(layer + 1), gain, rng);
  }
  return parameters;
}

void Mlp::prepare(MlpWorkspace& workspace, int batch) const {
  const std::vector<int>& widths = workspace.widths_;
  const bool same = std::equal(widths.begin(), widths.end(), sizes_.begin() + 1, sizes_.end());
  const bool normalises = !workspace.normalised_.empty();
  const bool should = spec_.layer_norm && layers() > 1;
  if (workspace.capacity_ < batch || !same || normalises != should) {
    workspace.widths_.assign(sizes_.begin() + 1, sizes_.end());
    workspace.capacity_ = batch;
    workspace.activations_.resize(widths.size());
    workspace.gradients_.resize(widths.size());
    for (std::size_t i = 0; i < widths.size(); ++i) {
      workspace.activations_[i].setZero(static_cast<Eigen::Index>(batch) * widths[i]);
      workspace.gradients_[i].setZero(static_cast<Eigen::Index>(batch) * widths[i]);
    }
    workspace.normalised_.resize(spec_.layer_norm ? widths.size() - 1 : 0);
    workspace.precisions_.resize(workspace.normalised_.size());
    for (std::size_t i = 0; i < workspace.normalised_.size(); ++i) {
      workspace.normalised_[i].setZero(static_cast<Eigen::Index>(batch) * widths[i]);
      workspace.precisions_[i].setZero(batch);
    }
    workspace.rows_.reserve(at(batch));
  }
  workspace.batch_ = batch;
}

void Mlp::forward(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace) const {
  const int batch = static_cast<int>(inputs.rows());
  prepare(workspace, batch);
  if (forward_on_device(parameters, inputs, workspace)) return;
  const float* previous = inputs.data();
  int stride = static_cast<int>(inputs.outerStride());
  for (int layer = 0; layer < layers(); ++layer) {
    const int in = width(layer);
    const int out = width(layer + 1);
    float* output = workspace.activations_[at(layer)].data();
    kernels::fill_rows(output, parameters.data() + bias_offset(layer), at(batch), at(out));
    multiply({.rows = batch,
              .columns = out,
              .inner = in,
              .a = previous,
              .a_stride = stride,
              .b = parameters.data() + weight_offset(layer),
              .b_stride = out,
              .c = output,
              .c_stride = out,
              .beta = 1});
    if (layer + 1 == layers()) return;
    if (spec_.layer_norm) {
      normalise(workspace, layer);
    } else {
      activate(output, at(batch) * at(out));
    }
    previous = output;
    stride = out;
  }
}

void Mlp::activate(float* values, std::size_t count) const {
  if (spec_.activation == Activation::kTanh) {
    kernels::tanh_in_place(values, count);
  } else {
    kernels::relu_in_place(values, count);
  }
}

void Mlp::normalise(MlpWorkspace& workspace, int layer) const {
  constexpr float kLeastVariance = 1e-5F;
  Eigen::Map<Matrix> h(workspace.activations_[at(layer)].data(), workspace.batch_, width(layer + 1));
  Eigen::Map<Matrix> normalised(workspace.normalised_[at(layer)].data(), h.rows(), h.cols());
  for (Eigen::Index row = 0; row < h.rows(); ++row) {
    auto to = normalised.row(row).array();
    to = h.row(row).array() - h.row(row).mean();
    const float precision = 1 / std::sqrt(to.square().mean() + kLeastVariance);
    to *= precision;
    workspace.precisions_[at(layer)](row) = precision;
  }
  h = normalised;
  activate(h.data(), static_cast<std::size_t>(h.size()));
}

bool Mlp::forward_on_device(ConstVectorRef parameters, ConstMatrixRef inputs, MlpWorkspace& workspace) const {
  const double products = static_cast<double>(inputs.rows()) * parameter_count_;
  workspace.on_device_ = workspace.device_ != nullptr && workspace.device_->takes(products);
  if (!workspace.on_device_) return false;
  if (workspace.device_pass_ == nullptr) workspace.device_pass_ = workspace.device_->make_pass();
  workspace.device_pass_->forward(*this, parameters, inputs, workspace.outputs());
  return true;
}

void Mlp::chain(float* values, const float* output, std::size_t count) const {
  if (spec_.activation == Activation::kTanh) {
    kernels::tanh_chain(values, output, count);
  } else {
    kernels::relu_chain(values, output, count);
  }
}

// The product rule, layer by layer: dz_l = dh_{l-1} W_l + h_{l-1} dW_l + db_l, dh_l = f'(z_l)
// dz_l; the input is fixed.
void Mlp::forward_tangent(ConstVectorRef parameters, ConstVectorRef direction, ConstMatrixRef inputs,
                          const MlpWorkspace& workspace, MlpWorkspace& tangents) const {
  if (spec_.layer_norm) throw std::logic_error("tangents of a network with layer_norm");
  const int batch = workspace.batch_;
  prepare(tangents, batch);
  if (workspace.on_device_) return workspace.device_pass_->forward_tangent(direction, tangents.outputs());
  for (int layer = 0; layer < layers(); ++layer) {
    const int in = width(layer);
    const int out = width(layer + 1);
    const bool first = layer == 0;
    float* tangent = tangents.activations_[at(layer)].data();
    Product product{.rows = batch,
                    .columns = out,
                    .inner = in,
                    .a = first ? inputs.data() : workspace.activations_[at(layer - 1)].data(),
                    .a_stride = first ? static_cast<int>(inputs.outerStride()) : in,
                    .b = direction.data() + weight_offset(layer),
                    .b_stride = out,
                    .c = tangent,
                    .c_stride = out,
                    .beta = 1};
    kernels::fill_rows(tangent, direction.data() + bias_offset(layer), at(batch), at(out));
    multiply(product);
    if (!first) {
      product.a = tangents.activations_[at(layer - 1)].data();
      product.b = parameters.data() + weight_offset(layer);
      multiply(product);
    }
    if (layer + 1 < layers()) chain(tangent, workspace.activations_[at(layer)].data(), at(batch) * at(out));
  }
}

}  // namespace understudy
