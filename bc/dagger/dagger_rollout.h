#pragma once
/// \file One episode of DAgger: learner and expert take turns at driving, and the expert says at every step what it
/// would have done.

#include "datasets/types/matrix.h"
#include "envs/contract/actor.h"
#include "envs/contract/environment.h"

namespace understudy {

struct LabelledEpisode {
  Matrix observations;  ///< [T, obs_dim], those that were acted on
  Matrix labels;        ///< [T, act_dim], the expert's actions in [-1, 1]
  double disagreement =
      0;                 ///< mean over steps and entries of |learner's action - label|; NaN without a learner
  int expert_steps = 0;  ///< that the expert drove
  bool success = false;  ///< at the end
};

/// A coin decides at every step who drives: the expert with probability `beta`. Both act at every step, so that whatever
/// they remember goes on. `learner`: null: the expert drives all the way. Everything random follows from `seed`.
LabelledEpisode dagger_rollout(Environment& environment, Actor& expert, Actor* learner, double beta,
                               std::uint64_t seed);

}  // namespace understudy
