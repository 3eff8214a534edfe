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
  /// Puts metrics.csv to what it was when this was saved, and opens a new file of events, which goes on from
  /// `count`. Throws Error when it cannot be created.
  void open(const RunDirectory& directory, int count);

  /// Adds a line, and an event of every number that is finite and has a tag. The names must be the same every
  /// time. Only after open.
  void write(const RunDirectory& directory, int count, const Metrics& metrics);

  void serialise(Archive& archive) { archive("run metrics", csv_); }

 private:
  std::string csv_;
  std::optional<EventWriter> events_;
};

}  // namespace understudy
