#pragma once
/// \file Batch evaluation: any actor on any number of seeds, in parallel, with intervals.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "envs/contract/actor.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {

/// What one evaluated episode came to.
struct EpisodeOutcome {
  std::uint64_t seed = 0;
  bool success = false;       ///< the task's criterion held at the last step
  double episode_return = 0;  ///< undiscounted sum of rewards
  int length = 0;             ///< steps
  bool terminated = false;
  bool truncated = false;
  Variation variation{};  ///< what the episode was varied by
};

struct Interval {
  double low = 0;
  double high = 0;
};

struct EvaluationOptions {
  int episodes = 200;
  std::uint64_t seed = 1000000;   ///< episode i is reset with seed + i
  int threads = 0;                ///< 0: one per core. The outcomes do not depend on it.
  Randomisation randomisation{};  ///< what the episodes are varied by
  /// Called from one thread at a time after each finished episode; return false to stop early.
  std::function<bool(int finished, int episodes)> progress;
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
  double mean_length = 0;   ///< steps
};

/// The mean of the middle half of the values (the interquartile mean, which neither luck nor one fall moves much;
/// Agarwal et al. 2021), with its 95 % bootstrap percentile interval.
struct InterquartileMean {
  double value = 0;
  Interval interval;
};
/// At least one value. `seed` feeds the resampling only.
InterquartileMean interquartile_mean(const std::vector<double>& values, std::uint64_t seed = 1);

/// `seed` feeds the bootstrap resampling only. At least one outcome.
EvaluationSummary summarise(const std::vector<EpisodeOutcome>& outcomes, std::uint64_t seed = 1);

/// 95 % Wilson score interval for `successes` of `trials` (Wilson 1927). trials > 0.
Interval wilson_interval(int successes, int trials);

/// 95 % bootstrap interval of mean(first) - mean(second) for values paired by seed; both have the same size.
Interval paired_difference_interval(const std::vector<double>& first, const std::vector<double>& second,
                                    std::uint64_t seed);

/// 95 % percentile bootstrap interval of the mean, `resamples` draws (Efron 1979). At least one value.
Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed, int resamples = 2000);

}  // namespace understudy
