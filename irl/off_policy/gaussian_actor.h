#pragma once
/// \file A tanh-Gaussian policy network with its optimiser, as learners that imitate through a value function
/// have it.

#include <vector>

#include "bc/networks/adam.h"
#include "bc/networks/mlp.h"
#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"
#include "irl/contract/rl_learner.h"

namespace understudy {

struct GaussianActor {
  Mlp network;  ///< [obs] -> means, log deviations (tanh_gaussian.h)
  Vector parameters;
  AdamState adam;

  /// relu layers of these widths, or those of the problem's warm start. Throws Error when that does not fit.
  GaussianActor(const RlProblem& problem, const std::vector<int>& hidden, Rng& rng);

  /// Draws actions. `[batch, ...]`
  void explore(ConstMatrixRef observations, Rng& rng, MatrixRef actions);
  /// log pi of given actions. `[batch]`
  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result);
  void serialise(Archive& archive);

 private:
  explicit GaussianActor(struct ActorStart start);

  MlpWorkspace workspace_;  ///< of explore and log_density
  Matrix noise_;
  Vector density_;
};

}  // namespace understudy
