#pragma once
/// \file What a dataset amounts to: counts, lengths, returns, and how regular its timing really was.

#include <vector>

#include "datasets/format/demonstration_reader.h"

namespace understudy {

/// Lowest, mean and highest of some values; all 0 when there are none.
struct Spread {
  double low = 0;
  double mean = 0;
  double high = 0;
};

struct DatasetStatistics {
  int episodes = 0;
  int successes = 0;
  int recovered = 0;  ///< cut by a crash
  std::int64_t steps = 0;
  Spread length;              ///< steps per episode
  Spread episode_return;      ///< undiscounted sum of rewards per episode
  int timed_episodes = 0;     ///< those with two time stamps or more; the figures below are about them
  Spread rate;                ///< Hz, measured per episode: intervals / time between first and last action
  double longest_step = 0;    ///< s, the longest interval between two actions
  std::int64_t overruns = 0;  ///< steps whose deadline the control loop missed
  Spread input_age;           ///< s per step, between reading the device and applying the action
  std::int64_t interventions = 0;  ///< steps during which a human or synthetic operator held the controls
};

/// Reads these episodes one by one. Throws Error like DemonstrationReader::read.
DatasetStatistics statistics(const DemonstrationReader& reader, const std::vector<int>& episodes);
/// Of all episodes.
DatasetStatistics statistics(const DemonstrationReader& reader);

}  // namespace understudy
