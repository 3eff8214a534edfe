#pragma once
/// \file Where a run keeps its results: config.toml, randomise.toml, manifest.json, metrics.csv, timing.csv,
/// TensorBoard events, policy.pt and checkpoints/. What a reader may open at any time is replaced in one
/// piece, or grows by whole lines.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/shell_quoted.h"

namespace understudy {

class RunDirectory {
 public:
  /// Makes the directory and locks it. Throws Error when `path` exists and is not empty, unless `overwrite`
  /// is true: then the earlier run in it is removed, its files and nothing else, and what is no run is still
  /// refused. A run that was killed while it was being made is one.
  static RunDirectory create(const std::filesystem::path& path, bool overwrite);
  /// Throws what create would throw, and changes nothing.
  static void check_creatable(const std::filesystem::path& path, bool overwrite);
  /// An existing run, to be read. Throws Error when `path` holds none, or one that was killed while it was
  /// being made.
  static RunDirectory open(const std::filesystem::path& path);

  /// Of a run that another process writes: nothing but its path is known.
  static RunDirectory of_others(std::filesystem::path path) { return RunDirectory(std::move(path)); }

  /// Takes away what create() and the run have put there, as far as that is possible: for a run that could not begin.
  void discard() const noexcept;

  /// Until the last copy of this is gone no other process trains in the directory. Throws Error when one
  /// does.
  void lock();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path policy() const { return path_ / "policy.pt"; }
  /// The policy of the evaluation after `count` units, where such are kept; a file that is replaced in one piece too.
  std::filesystem::path candidate(int count) const {
    return path_ / "checkpoints" / (kCandidate + std::to_string(count) + ".pt");
  }
  /// Units of the candidates that are there, ascending.
  std::vector<int> candidates() const;
  std::filesystem::path checkpoint() const { return path_ / "checkpoints" / "last.ckpt"; }

  /// Replaces a file of the run. `name` is relative to path().
  void write(const std::string& name, const std::string& content) const;
  /// Adds a line to a file of the run; `header` becomes the first line of an empty one.
  void append(const std::string& name, const std::string& header, const std::string& line) const;

 private:
  static constexpr const char* kCandidate = "policy-";

  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::shared_ptr<DirectoryLock> lock_;
};

/// Calls `train`, which trains in `run`. A full disk is reported with what can be done about it then.
template <class Train>
auto with_resume_remedy(const RunDirectory& run, const Train& train) {
  try {
    return train();
  } catch (const DiskFullError& error) {
    throw Error(error.finding() + "; free some space and continue with `understudy resume " +
                shell_quoted(run.path().string()) + "`");
  }
}

}  // namespace understudy
