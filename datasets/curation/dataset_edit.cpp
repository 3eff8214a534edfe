#include "datasets/curation/dataset_edit.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "datasets/format/dataset_paths.h"
#include "datasets/format/episode_layout.h"
#include "datasets/format/image_layout.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/guarded.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Place;

constexpr std::uintmax_t kFileOverhead = 1 << 20;  // bytes, of HDF5's own

std::vector<DemonstrationReader> open_all(const DatasetEdit& edit) {
  std::vector<DemonstrationReader> readers;
  for (const fs::path& file : edit.files) {
    readers.emplace_back(file);
    const DemonstrationReader& reader = readers.back();
    if (!reader.is_ours())
      throw Error(file.string() + ": want a dataset that understudy wrote, found one of another program");
    const DatasetHeader& first = readers.front().header();
    const std::string mismatch = header_mismatch(first, reader.header());
    if (!mismatch.empty())
      throw Error(file.string() + ": does not go with " + edit.files.front().string() + ": " + mismatch);
    if (reader.header().images.fields != first.images.fields) {
      throw Error(file.string() + ": want the images of " + edit.files.front().string() + ", " +
                  images_text(first.images.fields) + ", found " + images_text(reader.header().images.fields) +
                  "; edit the datasets that they were made of, then render again");
    }
    if (edit.change && !first.images.fields.empty()) {
      throw Error(file.string() +
                  ": holds images, which would no longer fit; edit the dataset that it was made of, then "
                  "render again");
    }
  }
  return readers;
}

/// Whether `train` and `valid` are what a recording makes of its episodes by itself.
bool splits_by_itself(const DemonstrationReader& reader) {
  const Masks own = split_masks(usable_episodes(reader));
  return reader.mask("train") == own.train && reader.mask("valid") == own.valid;
}

/// `usable`: those of the new file, dropped ones among them.
NamedMasks carried_masks(const DatasetEdit& edit, const std::vector<DemonstrationReader>& readers,
                         std::vector<int> usable) {
  std::vector<NamedMasks> of_files;
  bool by_itself = true;
  for (const DemonstrationReader& reader : readers) {
    of_files.push_back(reader.all_masks());
    by_itself = by_itself && splits_by_itself(reader);
  }
  NamedMasks carried;
  for (std::size_t i = 0; i < edit.episodes.size(); ++i) {
    const auto& [file, episode] = edit.episodes[i];
    for (const auto& [name, episodes] : of_files[file]) {
      if (std::binary_search(episodes.begin(), episodes.end(), episode))
        carried[name].push_back(static_cast<int>(i));
    }
  }
  NamedMasks changed = carried;
  if (edit.change_masks) edit.change_masks(changed);
  const bool untouched = changed["train"] == carried["train"] && changed["valid"] == carried["valid"];
  if (by_itself && untouched) {
    const std::vector<int>& dropped = changed[kDroppedMask];
    std::erase_if(usable, [&](int i) { return std::binary_search(dropped.begin(), dropped.end(), i); });
    const Masks own = split_masks(usable);
    changed["train"] = own.train;
    changed["valid"] = own.valid;
  }
  std::erase_if(changed, [](const auto& mask) { return mask.second.empty(); });
  return changed;
}

/// Writes everything; returns the index, for the check.
DatasetIndex fill(const DatasetEdit& edit, const std::vector<DemonstrationReader>& readers,
                  const EditOptions& options, const Place& target) {
  hdf5::create_group(target, "data");
  std::vector<hdf5::Handle> files;
  for (const fs::path& file : edit.files) files.push_back(hdf5::open_file(file));
  DatasetIndex index{.header = readers.back().header()};  // whose provenance is the latest
  for (const DemonstrationReader& reader : readers) {     // that some were converted is not to be lost
    if (index.header.source.empty()) index.header.source = reader.header().source;
  }
  const bool images = !index.header.images.fields.empty();
  std::vector<int> usable;
  for (std::size_t i = 0; i < edit.episodes.size(); ++i) {
    const PickedEpisode& picked = edit.episodes[i];
    const DemonstrationReader& reader = readers[picked.file];
    const int number = static_cast<int>(i);
    const EpisodeSummary summary = reader.summary(picked.episode);
    bool success = summary.success;
    if (edit.change) {
      Episode episode = reader.read(picked.episode);
      edit.change(episode, picked);
      const std::string place = edit.files[picked.file].string() + ":/data/" + reader.name(picked.episode);
      check_shapes(episode, place);
      if (episode.length() == 0) throw Error(place + ": no step would be left; leave the episode out");
      write_episode(target, number, episode, index.header.observation,
                    {.recovered = summary.recovered, .device = summary.device});
      index.checksums.push_back(episode_sha256(episode));
      index.total_steps += episode.length();
      success = episode.success;
    } else {
      copy_episode({files[picked.file].get(), edit.files[picked.file].string() + ":"}, picked.episode, target,
                   number);
      index.checksums.push_back(reader.checksum(picked.episode));
      index.total_steps += summary.steps;
    }
    if (success && !summary.recovered) usable.push_back(number);
    if (images) {
      separate_observations(target, number, index.header.observation);
      index.image_checksums.push_back(reader.image_checksum(picked.episode));
    }
    if (options.progress) {
      print_from_guarded([&] { options.progress(number + 1, static_cast<int>(edit.episodes.size())); });
    }
  }
  index.masks = carried_masks(edit, readers, std::move(usable));
  write_index(target, index);
  return index;
}

std::uintmax_t room_for(const DatasetEdit& edit) {
  std::uintmax_t bytes = kFileOverhead;
  for (const fs::path& file : edit.files) bytes += fs::file_size(file);
  return bytes;
}

}  // namespace

std::vector<PickedEpisode> all_episodes(const DemonstrationReader& reader, std::size_t file) {
  std::vector<PickedEpisode> all;
  for (int i = 0; i < reader.size(); ++i) all.push_back({file, i});
  return all;
}

void write_edited(const DatasetEdit& edit, const fs::path& file, const EditOptions& options) {
  const DatasetPaths paths(file);
  if (edit.episodes.empty())
    throw Error(paths.file.string() + ": want at least one episode in a dataset, found none left");
  const bool in_place = std::any_of(edit.files.begin(), edit.files.end(), [&](const fs::path& each) {
    std::error_code none;
    return fs::equivalent(each, paths.file, none);
  });
  want_writable(paths.file, in_place || options.force);
  const std::vector<DemonstrationReader> readers = open_all(edit);
  const DirectoryLock lock(paths.parts, paths.file.string() + ": another process records into this file");
  const fs::path temporary = paths.parts / "edit.tmp";
  DatasetIndex index;
  hdf5::write_file(
      temporary, room_for(edit), [&](const Place& place) { index = fill(edit, readers, options, place); },
      [&](const Place& place) { return has_checksums(place, index); });
  if (fs::exists(paths.file)) keep_rights(paths.file, temporary);
  durable_rename(temporary, paths.file);
}

}  // namespace understudy
