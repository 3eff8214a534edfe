#pragma once
/// \file Where the arrays of an episode lie in a file: `/data/demo_<i>` for robomimic and
/// `/episode_<i>`, hard links mostly, for Minari. docs/dataset-format.md has the layout. Included by
/// sources of this folder only.

#include <string>
#include <vector>

#include "datasets/format/dataset_header.h"
#include "datasets/format/episode_summary.h"
#include "datasets/format/masks.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/episode.h"

namespace understudy {

/// Of the layout below `/understudy`. Readers refuse files of a higher one.
inline constexpr int kSchemaVersion = 1;

/// What is known of an episode beside its arrays.
struct EpisodeOrigin {
  bool recovered = false;  ///< the recording was cut
  std::string device{};
};

/// What the file as a whole says, written last.
struct DatasetIndex {
  DatasetHeader header{};
  std::vector<std::string> checksums{};  ///< of each episode
  std::int64_t total_steps = 0;
  NamedMasks masks{};                          ///< the empty ones left out
  std::vector<std::string> image_checksums{};  ///< of each episode's images; only with header.images
};

/// Writes both views of an episode as number `index`. `/data` must exist.
void write_episode(const hdf5::Place& file, int index, const Episode& episode, const Space& observation,
                   const EpisodeOrigin& origin);

/// Copies both views of an episode from one file to another, as they are but for the number.
void copy_episode(const hdf5::Place& from, int from_index, const hdf5::Place& to, int to_index);

/// Writes `/understudy`, `/mask` and the attributes of `/data`.
void write_index(const hdf5::Place& file, const DatasetIndex& index);

/// Whether the lists of checksums in a file are those of `index`: a disk that fails at the end of writing can leave
/// them empty without a word from HDF5.
bool has_checksums(const hdf5::Place& file, const DatasetIndex& index);

/// Reads `/understudy`. Throws Error when it is of a newer schema or does not make sense.
DatasetHeader read_header(const hdf5::Place& file);

/// Header of a robomimic-style file without `/understudy`, as far as `demo` (its first demonstration) tells.
/// Observation arrays that are not low-dimensional are named in `skipped`.
DatasetHeader guess_header(const hdf5::Place& data, const hdf5::Place& demo,
                           std::vector<std::string>& skipped);

/// Name that `key` under `obs` has as a field: lower case, `_` for anything a field name cannot hold.
std::string field_name(const std::string& key);

EpisodeSummary read_summary(const hdf5::Place& demo);

/// Reads and checks one demonstration. `keys` are the arrays under `obs` in the order of the
/// fields. `strict`: the file is ours, so there is an observation more than there are actions;
/// else see DemonstrationReader.
Episode read_episode(const hdf5::Place& demo, const DatasetHeader& header,
                     const std::vector<std::string>& keys, bool strict, const ReadOptions& options);

/// Throws Error naming `place`, array and row unless all values are finite and actions within [-1, 1].
void check_values(const Episode& episode, const Space& observation, const std::string& place);

}  // namespace understudy
