#pragma once
/// \file The deterministic policy a = tanh(f(o)) of TD3, DDPG and D4PG: network, slow copy and optimiser.

#include <vector>

#include "bc/networks/adam.h"
#include "bc/networks/mlp.h"
#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"
#include "irl/contract/rl_learner.h"

namespace understudy {

struct DeterministicActor {
  Mlp network;  ///< [obs] -> actions before tanh
  Vector parameters;
  Vector target;  ///< slow copy
  AdamState adam;

  /// relu layers of these widths, or those of the problem's warm start. Throws Error when that does not fit.
  DeterministicActor(const RlProblem& problem, const std::vector<int>& hidden, Rng& rng);

  /// a + deviation * normal noise, clamped to [-1, 1]. `[batch, ...]`
  void explore(ConstMatrixRef observations, double deviation, Rng& rng, MatrixRef actions);

  /// Lays out what a critic is asked: inputs `[batch, obs_dim + act_dim]` <- (o, a), with a by `by`, the
  /// parameters or the target.
  void act(ConstVectorRef by, ConstMatrixRef observations, MlpWorkspace& workspace, MatrixRef inputs) const;
  /// After act by the parameters with the same observations: gradient <- dL/dparameters from dL/da
  /// `[batch, act_dim]`, which is overwritten by that before tanh.
  void backward(ConstMatrixRef observations, ConstMatrixRef inputs, MlpWorkspace& workspace,
                MatrixRef action_gradient, VectorRef gradient) const;

  void serialise(Archive& archive);

 private:
  explicit DeterministicActor(struct ActorStart start);

  MlpWorkspace workspace_;  ///< of explore
  Matrix noise_;
};

}  // namespace understudy
