#pragma once
/// \file Returns and lengths of the episodes that a learner in training ends.

#include <limits>
#include <vector>

#include "bc/runs/metrics.h"
#include "datasets/storage/archive.h"
#include "irl/contract/transition.h"

namespace understudy {

class TrainingReturns {
 public:
  explicit TrainingReturns(int streams)
      : returns_(static_cast<std::size_t>(streams)), lengths_(static_cast<std::size_t>(streams)) {}

  /// Counts one step of every stream, row by row, by its reward as it stands. Returns
  /// how many episodes it ends.
  int add(const Steps& steps);

  /// Return of the episode that ended last; NaN before any has.
  double latest() const { return latest_; }

  /// Adds means over the episodes that have ended since the last report; NaN when none has.
  void report(Metrics& metrics);

  void serialise(Archive& archive);

 private:
  std::vector<double> returns_;  ///< so far, per stream
  std::vector<int> lengths_;
  std::vector<double> ended_returns_, ended_lengths_;
  double latest_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace understudy
