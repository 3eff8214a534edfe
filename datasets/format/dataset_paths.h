#pragma once
/// \file The names of what lies beside a dataset file while it is recorded.
/// docs/dataset-format.md has the rules.

#include <filesystem>
#include <string>
#include <vector>

namespace understudy {

/// Names of what belongs to a dataset file.
struct DatasetPaths {
  explicit DatasetPaths(const std::filesystem::path& dataset);

  std::filesystem::path
      file;  ///< absolute, links resolved, so that a linked dataset is replaced where it lies
  std::filesystem::path parts;  ///< `<file>.parts`, the session
  std::filesystem::path aside;  ///< `<file>.aside`, undone episodes and damaged leftovers

  std::filesystem::path part(int number) const;
  std::filesystem::path journal(int number) const;
  std::filesystem::path undone(int number) const;
  std::filesystem::path manifest() const { return parts / "session.json"; }
};

/// Numbers of the files `<stem>_<number><extension>` in a directory, ascending; empty when it does not exist.
std::vector<int> numbered_files(const std::filesystem::path& directory, const std::string& stem,
                                const std::string& extension);

/// True when `file` has episodes of an earlier session beside it that are not in it yet.
bool has_leftovers(const std::filesystem::path& file);

/// Throws Error, with the way out, unless a new dataset may be written to `file`: it is not there or may be replaced, and
/// has no leftovers.
void want_writable(const std::filesystem::path& file, bool replace);

/// Number of undone episodes that `restore_undone` can bring back.
int undone_episodes(const std::filesystem::path& file);

}  // namespace understudy
