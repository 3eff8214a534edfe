#pragma once
/// \file How the entries of observations and actions are distributed in a dataset.

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// Shares of the steps that stay below EntryStatistics::quantiles.
inline constexpr std::array<double, 5> kQuantiles{0.01, 0.25, 0.5, 0.75, 0.99};

/// One entry of an observation or action over all steps (o_t with a_t; the last observation of an episode is left out).
struct EntryStatistics {
  std::string name{};  ///< "obs/goal[2]", "action/steer"
  std::string unit{};
  double low = 0, mean = 0, high = 0;
  double deviation = 0;               ///< the population's
  std::array<double, 5> quantiles{};  ///< by kQuantiles
  double at_limit =
      0;  ///< share of steps at which it is within 0.05 % of its range of the range's ends; 0 without one
  double idle = 0;  ///< share of steps at which it is what it was at the step before
};

struct FieldStatistics {
  std::int64_t steps = 0;
  std::vector<EntryStatistics> entries;  ///< of the observation, then of the action
  Matrix sample;  ///< [n, entries] steps that quantiles are of: all, or kMostSampled drawn ones
};
inline constexpr int kMostSampled = 20000;

struct FieldStatisticsOptions {
  std::vector<int> episodes{};  ///< of the file, at least one
  std::uint64_t seed = 1;       ///< of the steps that quantiles are of
  std::function<void(int done, int all)> progress{};
};

/// "obs/goal[2]", ..., then "action/steer", ...
std::vector<std::string> entry_names(const DatasetHeader& header);

/// Reads the episodes one by one. Throws like DemonstrationReader::read, and what `progress` throws.
FieldStatistics field_statistics(const DemonstrationReader& reader, const FieldStatisticsOptions& options);

}  // namespace understudy
