// The fast forward pass: no tensors, no BLAS. At batch 1 the pass is one sweep over the weights, bound by how
// fast they come from the cache.

#include <algorithm>
#include <cstddef>

#include "bc/kernels.h"
#include "bc/policy.h"
#include "datasets/error.h"

namespace understudy {
namespace {

class PolicyActor : public Actor {
 public:
  explicit PolicyActor(const Policy& policy)
      : normaliser_(policy.normaliser),
        network_(policy.network),
        parameters_(policy.parameters),
        act_dim_(policy.action.size()),
        squash_(policy.squash) {
    int widest = network_.width(0);
    for (int layer = 0; layer < network_.layers(); ++layer)
      widest = std::max(widest, network_.width(layer + 1));
    input_.setZero(widest);
    output_.setZero(widest);
  }

  /// A network has no memory and no dice of its own.
  void reset(int /*row*/, std::uint64_t /*seed*/) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    if (observations.cols() != network_.width(0) || actions.cols() != act_dim_ ||
        actions.rows() != observations.rows()) {
      throw Error("policy: want observations [batch, " + std::to_string(network_.width(0)) +
                  "] and actions [batch, " + std::to_string(act_dim_) + "], found [" +
                  std::to_string(observations.rows()) + ", " + std::to_string(observations.cols()) +
                  "] and [" + std::to_string(actions.rows()) + ", " + std::to_string(actions.cols()) + "]");
    }
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      act_row(&observations.coeffRef(row, 0), &actions.coeffRef(row, 0));
    }
  }

 private:
  void act_row(const float* observation, float* action) {
    for (int i = 0; i < network_.width(0); ++i) {
      input_(i) = (observation[i] - normaliser_.mean(i)) * normaliser_.scale(i);
    }
    for (int layer = 0; layer < network_.layers(); ++layer) {
      const auto in = static_cast<std::size_t>(network_.width(layer));
      const auto out = static_cast<std::size_t>(network_.width(layer + 1));
      kernels::affine(parameters_.data() + network_.weight_offset(layer),
                      parameters_.data() + network_.bias_offset(layer), input_.data(), output_.data(), in,
                      out);
      if (layer + 1 < network_.layers()) {
        if (network_.spec().activation == Activation::kTanh) {
          kernels::tanh_in_place(output_.data(), out);
        } else {
          output_.head(network_.width(layer + 1)) = output_.head(network_.width(layer + 1)).cwiseMax(0.0F);
        }
      }
      input_.swap(output_);
    }
    // A Gaussian's deviations come after its means and are not needed.
    if (squash_) kernels::tanh_in_place(input_.data(), static_cast<std::size_t>(act_dim_));
    for (int i = 0; i < act_dim_; ++i) action[i] = std::clamp(input_(i), -1.0F, 1.0F);
  }

  Normaliser normaliser_;
  Mlp network_;
  Vector parameters_;
  int act_dim_;
  bool squash_;
  Vector input_;  ///< of the present layer
  Vector output_;
};

}  // namespace

std::unique_ptr<Actor> policy_actor(const Policy& policy) {
  check_policy(policy, "policy");
  return std::make_unique<PolicyActor>(policy);
}

}  // namespace understudy
