#pragma once
/// \file Two arms on the same episodes: each one policy, or the policies of several trainings; and what may be said of
/// the difference.

#include <cstdint>
#include <string>
#include <vector>

#include "envs/rollouts/evaluation.h"

namespace understudy {

/// A policy's episodes, or those of several trainings' policies, in the order of their seeds.
struct Arm {
  std::string name;
  std::vector<std::vector<EpisodeOutcome>> trainings;
};

struct ArmFigures {
  double success_rate = 0;
  Interval success;  ///< 95 %: Wilson's of one training, else the bootstrap's over trainings and episodes
  double mean_return = 0;
  InterquartileMean middle_return;
  std::vector<double> training_rates;  ///< success rate of each training
};

/// The share of episodes whose return is more than `threshold` (Agarwal et al. 2021).
struct ProfilePoint {
  double threshold = 0;
  double first = 0;
  double second = 0;
};

struct Comparison {
  ArmFigures first, second;
  int episodes = 0;              ///< of each training, of those that count
  bool paired = false;           ///< on the same seeds
  bool by_return = false;        ///< nobody succeeded: the test is of returns
  std::string test;              ///< by name
  double p = 1;                  ///< that what is tested differs by luck
  int first_alone = 0;           ///< paired, one training each: episodes in which only the first succeeded
  int second_alone = 0;          ///< and only the second
  double correlation = 0;        ///< paired, one training each: of successes in the same episode
  double difference = 0;         ///< of success rates
  Interval difference_interval;  ///< 95 %, bootstrap over trainings and episodes
  double return_difference = 0;  ///< of mean returns
  Interval return_interval;
  double improvement =
      0.5;  ///< the probability that the first's episode has the greater return; ties count half
  Interval improvement_interval;
  std::vector<ProfilePoint> profile;
  int more_episodes =
      0;  ///< that would show this difference four times in five; 0: none would, or none are needed
  int more_trainings = 0;  ///< the same of trainings an arm, where an arm has several
  /// One line: "first beats second, p = 0.003" or "cannot tell ...".
  std::string verdict;
};

/// Of one training an arm, success is compared by McNemar's exact test where both have the same seeds, and by Fisher's
/// where they have none in common; of several, by a permutation test of the trainings' rates, or by Welch's where they are too few or too many for it:
/// what differs is then the way of training and not a policy. Where nobody succeeds, returns are
/// compared instead, by the bootstrap or by that of trainings. Where only some seeds are common, only these count. `seed` feeds the bootstrap, of `resamples` draws. Throws
/// Error for an arm without episodes, and when trainings of an arm have no episodes in common.
Comparison compare(const Arm& first, const Arm& second, std::uint64_t seed = 1, int resamples = 2000);

}  // namespace understudy
