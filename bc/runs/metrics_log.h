#pragma once
/// \file The metrics of a run on disk: metrics.csv, and events for TensorBoard.

#include <optional>
#include <string>

#include "bc/runs/metrics.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/tensorboard.h"
#include "datasets/storage/archive.h"

namespace understudy {

class MetricsLog {
 public:
  /// Opens a new file of events, which goes on from `steps`. Throws Error when it cannot be created.
  void open(const RunDirectory& directory, int steps);

  /// Adds a line, and an event of every number that is finite. The names must be the same every time, "steps" the first.
  /// Events' names begin with "rollout/" for metrics "eval_...", with "train/" for others. Only after open.
  void write(const RunDirectory& directory, int steps, const Metrics& metrics);

  /// Puts metrics.csv back to what it was when this was saved.
  void restore(const RunDirectory& directory) const { directory.write("metrics.csv", csv_); }

  void serialise(Archive& archive) { archive("run metrics", csv_); }

 private:
  std::string csv_;
  std::optional<EventWriter> events_;
};

}  // namespace understudy
