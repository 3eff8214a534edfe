#include "irl/off_policy/deterministic_actor.h"

#include <utility>

#include "bc/networks/losses.h"
#include "bc/policies/warm_start.h"
#include "datasets/types/random_matrix.h"

namespace understudy {

DeterministicActor::DeterministicActor(ActorStart start)
    : network(start.network),
      parameters(std::move(start.parameters)),
      target(parameters),
      adam(network.parameter_count()) {}

DeterministicActor::DeterministicActor(const RlProblem& problem, const std::vector<int>& hidden, Rng& rng)
    : DeterministicActor(start_actor({.inputs = problem.obs_dim,
                                      .hidden = hidden,
                                      .outputs = problem.act_dim,
                                      .activation = Activation::kRelu},
                                     problem.act_dim, problem.warm_start.get(), rng)) {
  workspace_ = MlpWorkspace(problem.device);
}

void DeterministicActor::explore(ConstMatrixRef observations, double deviation, Rng& rng, MatrixRef actions) {
  noise_.resize(actions.rows(), actions.cols());
  fill_normal(rng, noise_);
  network.forward(parameters, observations, workspace_);
  actions = workspace_.outputs();
  squash(actions);
  actions = (actions + noise_ * static_cast<float>(deviation)).cwiseMax(-1.0F).cwiseMin(1.0F);
}

void DeterministicActor::act(ConstVectorRef by, ConstMatrixRef observations, MlpWorkspace& workspace,
                             MatrixRef inputs) const {
  network.forward(by, observations, workspace);
  inputs.leftCols(observations.cols()) = observations;
  auto actions = inputs.rightCols(network.spec().outputs);
  actions = workspace.outputs();
  squash(actions);
}

void DeterministicActor::backward(ConstMatrixRef observations, ConstMatrixRef inputs, MlpWorkspace& workspace,
                                  MatrixRef action_gradient, VectorRef gradient) const {
  squash_backward(inputs.rightCols(network.spec().outputs), action_gradient);
  workspace.output_gradient() = action_gradient;
  network.backward(parameters, observations, workspace, gradient);
}

void DeterministicActor::serialise(Archive& archive) {
  archive("actor", parameters);
  archive.want_finite(parameters);
  archive("actor target", target);
  archive.want_finite(target);
  serialise_adam(archive, adam);
}

}  // namespace understudy
