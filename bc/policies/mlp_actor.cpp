// The fast forward pass: no tensors, no BLAS. At batch 1 the pass is one sweep over the weights, bound by how
// fast they come from the cache.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "bc/networks/network_loops.h"
#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

class MlpActor : public Actor {
 public:
  MlpActor(const MlpPolicy& mlp, const Policy& policy)
      : normaliser_(policy.normaliser),
        activation_(mlp.spec.activation),
        obs_dim_(policy.observation.size()),
        act_dim_(policy.action.size()),
        squash_(mlp.squash) {
    const Mlp network(mlp.spec);
    Eigen::Index widest = obs_dim_;
    for (int layer = 0; layer < network.layers(); ++layer) {
      // A Gaussian's deviations come after its means and are not needed.
      const int in = network.width(layer);
      const int out = network.width(layer + 1);
      const int used = layer + 1 == network.layers() ? act_dim_ : out;
      constexpr int kLanes = static_cast<int>(kernels::kLanes);
      const int padded = (used + kLanes - 1) / kLanes * kLanes;
      Layer packed{Vector::Zero(Eigen::Index{in} * padded), Vector::Zero(padded)};
      const Eigen::Map<const Matrix> weight(mlp.parameters.data() + network.weight_offset(layer), in, out);
      for (int block = 0, width = 0; block < padded; block += width) {
        constexpr int kWide = static_cast<int>(kernels::kWideBlock);
        width = block + kWide <= padded ? kWide : kLanes;
        Eigen::Map<Matrix> columns(packed.weight.data() + Eigen::Index{block} * in, in, width);
        const int filled = std::min(width, std::max(0, used - block));
        columns.leftCols(filled) = weight.middleCols(block, filled);
      }
      packed.bias.head(used) = mlp.parameters.segment(network.bias_offset(layer), used);
      layers_.push_back(std::move(packed));
      widest = std::max<Eigen::Index>(widest, padded);
    }
    input_.setZero(widest);
    output_.setZero(widest);
  }

  /// A network has no memory and no dice of its own.
  void reset(int /*row*/, std::uint64_t /*seed*/) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    if (observations.cols() != obs_dim_ || actions.cols() != act_dim_ ||
        actions.rows() != observations.rows()) {
      throw Error("policy: want observations [batch, " + std::to_string(obs_dim_) + "] and actions [batch, " +
                  std::to_string(act_dim_) + "], found [" + std::to_string(observations.rows()) + ", " +
                  std::to_string(observations.cols()) + "] and [" + std::to_string(actions.rows()) + ", " +
                  std::to_string(actions.cols()) + "]");
    }
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      act_row(&observations.coeffRef(row, 0), &actions.coeffRef(row, 0));
    }
  }

 private:
  /// Columns are padded with zeros to whole lanes.
  struct Layer {
    Vector weight;  ///< [in, padded out] in the blocks of columns that kernels::affine reads
    Vector bias;    ///< [padded out]
  };

  void act_row(const float* observation, float* action) {
    for (int i = 0; i < obs_dim_; ++i) {
      input_(i) = (observation[i] - normaliser_.mean(i)) * normaliser_.scale(i);
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Layer& layer = layers_[i];
      const auto out = static_cast<std::size_t>(layer.bias.size());
      kernels::affine(layer.weight.data(), layer.bias.data(), input_.data(), output_.data(),
                      static_cast<std::size_t>(layer.weight.size()) / out, out);
      if (i + 1 < layers_.size()) {
        if (activation_ == Activation::kTanh) {
          kernels::tanh_in_place(output_.data(), out);
        } else {
          output_.head(layer.bias.size()) = output_.head(layer.bias.size()).cwiseMax(0.0F);
        }
      }
      input_.swap(output_);
    }
    if (squash_) kernels::tanh_in_place(input_.data(), static_cast<std::size_t>(act_dim_));
    for (int i = 0; i < act_dim_; ++i) action[i] = std::clamp(input_(i), -1.0F, 1.0F);
  }

  Normaliser normaliser_;
  std::vector<Layer> layers_;
  Activation activation_;
  int obs_dim_;
  int act_dim_;
  bool squash_;
  Vector input_;  ///< of the present layer
  Vector output_;
};

}  // namespace

std::unique_ptr<Actor> MlpPolicy::make_actor(const Policy& policy) const {
  return std::make_unique<MlpActor>(*this, policy);
}

}  // namespace understudy
