#pragma once
/// \file Batch evaluation: any actor on any number of seeds, in parallel, with intervals.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "envs/contract/actor.h"
#include "envs/randomisation/randomisation.h"
#include "envs/rollouts/evaluation_times.h"
#include "envs/rollouts/intervals.h"

namespace understudy {

/// What one evaluated episode came to.
struct EpisodeOutcome {
  std::uint64_t seed = 0;
  bool success = false;       ///< the task's criterion held at the last step
  double episode_return = 0;  ///< undiscounted sum of rewards
  double best_reward = 0;     ///< of a single step, as PushT is judged by
  int length = 0;             ///< steps
  bool terminated = false;
  bool truncated = false;
  Variation variation{};  ///< what the episode was varied by
  /// Why it failed (envs/contract/environment.h); empty for success. In a task without a criterion: why the task
  /// ended it before its time, else empty.
  std::string cause{};
  /// First step whose observation is farther from the demonstrations' than they are from each other
  /// (irl/experts/demonstration_cover.h); not there where it never was or nobody looked.
  std::optional<int> left_demonstrations{};

  bool failed() const { return !cause.empty(); }
};

struct EvaluationOptions {
  int episodes = 200;
  std::uint64_t seed = 1000000;   ///< episode i is reset with seed + i
  int threads = 0;                ///< 0: one per core. The outcomes do not depend on it.
  Randomisation randomisation{};  ///< what the episodes are varied by
  /// Called from one thread at a time after each finished episode; return false to stop early.
  std::function<bool(int finished, int episodes)> progress;
  /// Called from one thread at a time and in the order of the seeds with each episode, states included, and its
  /// outcome, which it may add to. No thread gets ahead of it by more than an episode.
  std::function<void(EpisodeOutcome& outcome, const Episode& episode)> keep{};
  EvaluationTimes* times = nullptr;  ///< if given, what the evaluation took is added
};

/// Runs `make_actor()` on `episodes` seeds of the task, one actor and environment per thread. Outcomes are in
/// seed order; fewer than asked for only if progress said stop.
std::vector<EpisodeOutcome> evaluate(const std::string& environment_id, const ActorFactory& make_actor,
                                     const EvaluationOptions& options);

struct EvaluationSummary {
  int episodes = 0;
  double success_rate = 0;
  Interval success;  ///< 95 % Wilson score interval
  double mean_return = 0;
  Interval episode_return;  ///< 95 % bootstrap percentile interval of the mean
  double mean_best_reward = 0;
  double mean_length = 0;  ///< steps
};

/// `seed` feeds the bootstrap resampling only. At least one outcome.
EvaluationSummary summarise(const std::vector<EpisodeOutcome>& outcomes, std::uint64_t seed = 1);

}  // namespace understudy
