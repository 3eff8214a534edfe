#pragma once
/// \file The numbers of a run on disk: a table of lines, and for metrics events for TensorBoard too.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>

#include "bc/runs/metrics.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/tensorboard.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// A table in a run's directory, to which a resumed run adds where its checkpoint left off.
class CsvFile {
 public:
  explicit CsvFile(std::string name) : name_(std::move(name)) {}

  /// Puts the file to what it was when this was saved. Throws DiskFullError.
  void open(const RunDirectory& directory) const { directory.write(name_, text_); }

  /// Adds a line, without its end; to an empty file the header first. Throws DiskFullError.
  void add(const RunDirectory& directory, const std::string& header, const std::string& line);

  void serialise(Archive& archive) { archive("run " + name_, text_); }

 private:
  std::string name_;
  std::string text_;
};

/// metrics.csv and its events.
class MetricsLog {
 public:
  /// Puts metrics.csv to what it was when this was saved, and opens a new file of events, which goes on from
  /// `count`, for a run of these hyperparameters. Throws Error when it cannot be created.
  void open(const RunDirectory& directory, int count, const nlohmann::ordered_json& hyperparameters);

  /// Adds a line, and an event of every number that is finite and has a tag. The names must be the same every
  /// time, and open() must have been called.
  void write(const RunDirectory& directory, int count, const Metrics& metrics);

  /// The run has come to its end. open() must have been called.
  void close() { events_->end_session(); }

  void serialise(Archive& archive) { csv_.serialise(archive); }

 private:
  CsvFile csv_{"metrics.csv"};
  std::optional<EventWriter> events_;
};

}  // namespace understudy
