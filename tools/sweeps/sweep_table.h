#pragma once
/// \file What the configurations of a sweep came to, over their seeds, the best first.

#include <optional>
#include <string>
#include <vector>

#include "envs/rollouts/intervals.h"
#include "tools/sweeps/sweep_task.h"

namespace understudy::tools {

/// The interquartile mean over seeds with its 95 % bootstrap interval; of one seed the interval over its episodes.
struct SweepFigure {
  double value = 0;
  Interval interval;
};

struct SweepRow {
  Configuration configuration;
  std::optional<int> budget;  ///< the longest that it was trained with
  int seeds = 0;              ///< that have a result
  std::optional<SweepFigure> success, episode_return, distance;

  const std::optional<SweepFigure>& figure(SweepMetric metric) const;
};

SweepRow sweep_row(const Configuration& configuration, std::optional<int> budget,
                   const std::vector<SweepTask>& tasks);

/// Those trained for longest first, then by the figure, of equal ones the earlier.
void sort_rows(std::vector<SweepRow>& rows, SweepMetric metric);

/// RFC 4180, figures with six digits.
std::string table_csv(const SweepPlan& plan, const std::vector<SweepRow>& rows);
/// For people: at most `most` rows.
void print_table(const SweepPlan& plan, const std::vector<SweepRow>& rows, std::size_t most);

}  // namespace understudy::tools
