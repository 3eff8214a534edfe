#include "irl/off_policy/gaussian_actor.h"

#include <utility>

#include "bc/policies/warm_start.h"
#include "datasets/types/random_matrix.h"
#include "irl/off_policy/tanh_gaussian.h"

namespace understudy {

GaussianActor::GaussianActor(ActorStart start)
    : network(start.network), parameters(std::move(start.parameters)), adam(network.parameter_count()) {}

GaussianActor::GaussianActor(const RlProblem& problem, const std::vector<int>& hidden, Rng& rng)
    : GaussianActor(start_actor({.inputs = problem.obs_dim,
                                 .hidden = hidden,
                                 .outputs = 2 * problem.act_dim,
                                 .activation = Activation::kRelu},
                                problem.act_dim, problem.warm_start.get(), rng)) {
  workspace_ = MlpWorkspace(problem.device);
}

void GaussianActor::explore(ConstMatrixRef observations, Rng& rng, MatrixRef actions) {
  noise_.resize(actions.rows(), actions.cols());
  density_.resize(actions.rows());
  fill_normal(rng, noise_);
  network.forward(parameters, observations, workspace_);
  sample_tanh_gaussian(workspace_.outputs(), noise_, actions, density_);
}

void GaussianActor::log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) {
  network.forward(parameters, observations, workspace_);
  tanh_gaussian_log_density(workspace_.outputs(), actions, result);
}

void GaussianActor::serialise(Archive& archive) {
  archive("actor", parameters);
  archive.want_finite(parameters);
  serialise_adam(archive, adam);
}

}  // namespace understudy
