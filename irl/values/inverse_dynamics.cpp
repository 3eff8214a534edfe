#include "irl/values/inverse_dynamics.h"

namespace understudy {

InverseDynamics::InverseDynamics(const Shape& shape, Rng& rng)
    : network_({.inputs = 2 * shape.obs_dim,
                .hidden = shape.hidden,
                .outputs = shape.act_dim,
                .activation = Activation::kRelu}),
      parameters_(network_.initial_parameters(rng, 1)),
      gradient_(network_.parameter_count()),
      adam_(network_.parameter_count()) {}

void InverseDynamics::forward(ConstMatrixRef observations, ConstMatrixRef next_observations) {
  inputs_.resize(observations.rows(), 2 * observations.cols());
  inputs_.leftCols(observations.cols()) = observations;
  inputs_.rightCols(observations.cols()) = next_observations;
  network_.forward(parameters_, inputs_, workspace_);
}

double InverseDynamics::learn(const TransitionBatch& agent, double learning_rate) {
  forward(agent.observations, agent.next_observations);
  const Matrix error = workspace_.outputs() - agent.actions;
  const auto share = 1 / static_cast<float>(error.size());
  workspace_.output_gradient() = 2 * share * error;
  network_.backward(parameters_, inputs_, workspace_, gradient_);
  adam_step({.learning_rate = learning_rate}, gradient_, adam_, parameters_);
  return static_cast<double>(share * error.squaredNorm());
}

void InverseDynamics::infer(ConstMatrixRef observations, ConstMatrixRef next_observations,
                            MatrixRef actions) {
  forward(observations, next_observations);
  actions = workspace_.outputs().cwiseMax(-1).cwiseMin(1);
}

void InverseDynamics::serialise(Archive& archive) {
  archive("inverse dynamics", parameters_);
  archive.want_finite(parameters_);
  serialise_adam(archive, adam_);
}

}  // namespace understudy
