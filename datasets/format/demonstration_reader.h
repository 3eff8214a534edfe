#pragma once
/// \file Reads datasets of demonstrations: ours, and robomimic-style files written by others.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/format/dataset_header.h"
#include "datasets/format/episode_summary.h"
#include "datasets/format/masks.h"
#include "datasets/types/episode.h"

namespace understudy {

/// An open dataset. Any number of readers may be open, also while another process records into the same
/// dataset: a recording never changes a file in place. Not thread-safe, nor are two readers on two threads
/// (the HDF5 library may not be).
///
/// Files of others are read where they carry enough: `obs/<key>` may have T rows when `next_obs/<key>` gives
/// the last observation; with neither, the last action is dropped because its outcome was not recorded.
/// Missing rewards are 0; missing states and infos stay empty; `terminated` is false and `truncated` true
/// unless the file says otherwise; `success` is the last entry of `dones`. Observation arrays that are not
/// low-dimensional (images) are left out and named by `skipped_fields`. Images of ours are read one by one.
class DemonstrationReader {
 public:
  /// Opens `file` and reads its header and the list of demonstrations. Throws Error, in one line, when the
  /// file is missing, not HDF5, truncated, of another layout, or without a demonstration.
  explicit DemonstrationReader(const std::filesystem::path& file);
  ~DemonstrationReader();
  DemonstrationReader(DemonstrationReader&&) noexcept;
  DemonstrationReader& operator=(DemonstrationReader&&) noexcept;

  const DatasetHeader& header() const;
  /// Number of demonstrations, at least 1. They are numbered from 0 in the order of the names' numbers.
  int size() const;
  /// Name within the file, e.g. "demo_3". `index` in [0, size).
  std::string name(int index) const;
  EpisodeSummary summary(int index) const;

  /// Throws Error naming file, demonstration, array and row when an array is missing or of the wrong shape,
  /// holds NaN or infinity, or an action lies outside [-1, 1].
  Episode read(int index, ReadOptions options = {}) const;

  /// Without states, and of infos only who held the controls, after the content has been compared with its checksum, where the file has one. Throws Error naming
  /// the demonstration when it has changed.
  Episode read_verified(int index) const;

  /// Gives the spaces of a task to a file of others, which says less of them. Its observation arrays are read in the
  /// order of `observation`, where they have the names and sizes of that, and others are left out; a single array of
  /// the whole size may have any name, and actions may too. Throws Error saying what does not fit.
  void fit(const Space& observation, const Space& action);

  /// Indices listed under `/mask/<key>`, ascending. Throws Error listing the known keys if there is no such;
  /// in files of ours "train" and "valid" are left out when empty, and are empty then.
  std::vector<int> mask(const std::string& key) const;
  /// All of them by key.
  NamedMasks all_masks() const;
  /// Keys under `/mask`, in alphabetical order: in files of ours "train" and "valid", unless empty.
  std::vector<std::string> masks() const;

  /// SHA-256 of the file's bytes in lower-case hex: the same as `sha256sum FILE` prints.
  std::string sha256() const;
  /// True when the file was written by this program (it has `/understudy`).
  bool is_ours() const;
  /// Recorded checksum of one episode (see datasets/storage/sha256.h); empty in files of others.
  std::string checksum(int index) const;
  /// Recorded checksum of one episode's images (see datasets/format/image_layout.h);
  /// empty where there are none.
  std::string image_checksum(int index) const;
  /// Reads what is seen at observation `row` of an episode, ImageField::bytes of it. Throws Error when the
  /// dataset has no such array (those of header().images are there) or row, or the file is damaged.
  void read_image(int index, const ImageField& field, int row, void* image) const;
  /// Names of the bodies whose numbers `field`, a segmentation, holds, from 0. Throws likewise.
  std::vector<std::string> image_bodies(int index, const ImageField& field) const;
  /// Observation arrays left out because they are not [rows, entries].
  const std::vector<std::string>& skipped_fields() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Those under kDroppedMask; none where there is no such list.
std::vector<int> dropped_episodes(const DemonstrationReader& reader);

/// Those that succeeded, were not cut by a crash and not dropped: what a recording trains on.
std::vector<int> usable_episodes(const DemonstrationReader& reader);

}  // namespace understudy
