#pragma once
/// \file New datasets made of the episodes of others, copied as they are or changed on the way.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/types/episode.h"

namespace understudy {

struct PickedEpisode {
  std::size_t file = 0;  ///< place in DatasetEdit::files
  int episode = 0;       ///< number in that file
  bool operator==(const PickedEpisode&) const = default;
};

struct DatasetEdit {
  std::vector<std::filesystem::path> files;
  std::vector<PickedEpisode> episodes{};  ///< of the new file, in its order; at least one
  /// Changes an episode that has been read whole; empty: all are copied bit for bit.
  std::function<void(Episode&, const PickedEpisode&)> change{};
  /// Changes the lists of episodes that the new file gets, by their numbers there.
  std::function<void(NamedMasks&)> change_masks{};
};

struct EditOptions {
  bool force = false;  ///< replace a file that is none of those edited
  std::function<void(int done, int all)> progress{};
};

/// Writes the dataset `file` in one step; it may be one of those edited. One episode is in memory at a time, and none
/// of those that are copied. Lists of episodes are carried over by name, and one that is empty then is left out; `train`
/// and `valid` are made anew where in every file they are the program's own choice. Rights of a file that is replaced
/// stay. Throws Error when the files are not of one task with the same spaces and images, when episodes with images
/// would be changed, when `file` is recorded into or has episodes beside it, or cannot be written; nothing is changed
/// then.
void write_edited(const DatasetEdit& edit, const std::filesystem::path& file,
                  const EditOptions& options = {});

/// All episodes of file number `file`.
std::vector<PickedEpisode> all_episodes(const DemonstrationReader& reader, std::size_t file = 0);

}  // namespace understudy
