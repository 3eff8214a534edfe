#pragma once
/// \file The act of running an actor through one episode.

#include <cstdint>

#include "datasets/types/episode.h"
#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/rollouts/evaluation_times.h"

namespace understudy {

struct RolloutOptions {
  bool keep_states = false;          ///< fill Episode::states
  StepResult* last = nullptr;        ///< if given, what the last step returned
  EvaluationTimes* times = nullptr;  ///< if given, what the episode took is added
};

/// Runs row 0 of `actor` from `reset(seed)` until the episode ends. Both the environment and the actor are
/// reset with `seed`. Actions are kept as the task takes them, within [-1, 1]. Throws Error when `environment` goes past its own horizon: it needs a TimeLimit.
Episode rollout(Environment& environment, Actor& actor, std::uint64_t seed,
                const RolloutOptions& options = {});

}  // namespace understudy
