#include "datasets/recording/dataset_session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

/// A pack puts a new file in the old one's place, which its rights would not prevent. Throws Error where they say
/// that nobody is to change it.
void want_appendable(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return;
  if (::access(file.c_str(), W_OK) != 0 || (status.st_mode & 0222) == 0) {
    throw SystemError(file.string() +
                      ": is write-protected; allow writing (chmod u+w) or choose another file");
  }
}

std::string busy_message(const fs::path& file) {
  return file.string() +
         ": another process is recording into this dataset; let it finish or choose another file";
}

/// A whole dataset file with this one episode, as bytes.
std::vector<char> part_image(const Episode& episode, const DatasetHeader& header,
                             const EpisodeOrigin& origin) {
  const hdf5::Handle file = hdf5::create_memory_file();
  const hdf5::Place place{file.get(), "part:"};
  hdf5::create_group(place, "data");
  write_episode(place, 0, episode, header.observation, origin);
  write_index(place, {.header = header,
                      .checksums = {episode_sha256(episode)},
                      .total_steps = episode.length(),
                      .masks = {}});
  return hdf5::file_image(file.get());
}

}  // namespace

DatasetSession::DatasetSession(const fs::path& dataset)
    : paths_((want_appendable(DatasetPaths(dataset).file), dataset)),
      lock_(paths_.parts, busy_message(paths_.file)) {}

int DatasetSession::episodes() const {
  return static_cast<int>(base_.size() + parts_.size()) - manifest_.dropped;
}

int DatasetSession::successes() const {
  const auto entries = result();
  return static_cast<int>(
      std::count_if(entries.begin(), entries.end(), [](const Entry& e) { return e.usable; }));
}

std::vector<DatasetSession::Entry> DatasetSession::result() const {
  std::vector<Entry> entries(base_.begin(), base_.end() - manifest_.dropped);
  for (const Part& part : parts_) entries.push_back(part.entry);
  return entries;
}

DatasetHeader DatasetSession::latest_header() const {
  if (!parts_.empty()) return parts_.back().header;
  if (!header_) throw Error(paths_.file.string() + ": no such file; check the path");
  return *header_;
}

std::string DatasetSession::identity(const std::vector<Entry>& entries) {
  std::string list;
  for (const Entry& entry : entries) list += entry.checksum + "\n";
  return text_sha256(list);
}

void DatasetSession::write_manifest() {
  const nlohmann::ordered_json json{
      {"base", manifest_.base}, {"dropped", manifest_.dropped}, {"target", manifest_.target}};
  durable_write(paths_.manifest(), json.dump() + "\n");
}

fs::path DatasetSession::move_aside(const fs::path& leftover) const {
  fs::create_directories(paths_.aside);
  const std::string name = leftover.filename().string();
  fs::path target = paths_.aside / ("damaged_" + name);
  for (int n = 1; fs::exists(target); ++n)
    target = paths_.aside / ("damaged_" + std::to_string(n) + "_" + name);
  durable_rename(leftover, target);
  return target;
}

/// Says which file this session's changes are changes to, and that no pack is under way (any more).
void DatasetSession::begin_change() {
  if (fs::exists(paths_.manifest()) && manifest_.target.empty()) return;
  manifest_.target.clear();
  write_manifest();
}

void DatasetSession::write_part(int number, const Episode& episode, const DatasetHeader& header,
                                const EpisodeOrigin& origin) {
  const std::vector<char> image = part_image(episode, header, origin);
  durable_write(paths_.part(number), std::string_view(image.data(), image.size()));
}

void DatasetSession::add_part(const Episode& episode, const DatasetHeader& header,
                              const EpisodeOrigin& origin) {
  begin_change();
  write_part(next_part_, episode, header, origin);
  parts_.push_back({.number = next_part_,
                    .entry = {.checksum = episode_sha256(episode),
                              .steps = episode.length(),
                              .usable = episode.success && !origin.recovered},
                    .header = header});
  ++next_part_;
}

bool DatasetSession::describe(int number, const std::function<void(RecordingRecord&)>& change) {
  const auto part =
      std::find_if(parts_.begin(), parts_.end(), [&](const Part& p) { return p.number == number; });
  if (part == parts_.end()) return false;
  const fs::path file = paths_.part(number);
  const DemonstrationReader reader(file);
  const EpisodeSummary summary = reader.summary(0);
  RecordingRecord record = recording_from_json(summary.recording, file.string());
  change(record);
  Episode episode = reader.read(0);
  episode.recording = to_json(record);
  write_part(number, episode, part->header, {.recovered = summary.recovered, .device = summary.device});
  part->entry.replays = replays(record);
  return true;
}

bool DatasetSession::undo_last() {
  if (episodes() == 0) return false;
  begin_change();
  fs::create_directories(paths_.aside);
  const std::vector<int> numbers = numbered_files(paths_.aside, "undone", ".h5");
  const fs::path target = paths_.undone(numbers.empty() ? 0 : numbers.back() + 1);
  if (!parts_.empty()) {
    durable_rename(paths_.part(parts_.back().number), target);
    parts_.pop_back();
    return true;
  }
  // The packed file is never modified: its last episode is copied out now and left behind by the next pack.
  const int index = static_cast<int>(base_.size()) - manifest_.dropped - 1;
  const DemonstrationReader reader(paths_.file);
  const EpisodeSummary summary = reader.summary(index);
  const std::vector<char> image = part_image(reader.read(index), reader.header(),
                                             {.recovered = summary.recovered, .device = summary.device});
  durable_write(target, std::string_view(image.data(), image.size()));
  ++manifest_.dropped;
  write_manifest();
  return true;
}

int DatasetSession::restore_undone(int count) {
  int restored = 0;
  for (; restored < count; ++restored) {
    const std::vector<int> numbers = numbered_files(paths_.aside, "undone", ".h5");
    if (numbers.empty()) break;
    const fs::path source = paths_.undone(numbers.back());
    const Part part = read_part(source, next_part_);
    if (header_ || !parts_.empty()) {
      const std::string mismatch = header_mismatch(latest_header(), part.header);
      if (!mismatch.empty()) throw Error(source.string() + ": is not of this dataset: " + mismatch);
    }
    begin_change();
    durable_rename(source, paths_.part(part.number));
    parts_.push_back(part);
    ++next_part_;
  }
  std::error_code not_empty;
  fs::remove(paths_.aside, not_empty);
  return restored;
}

fs::path DatasetSession::set_aside() {
  for (int n = 1;; ++n) {
    const fs::path target = paths_.file.string() + ".replaced-" + std::to_string(n);
    if (fs::exists(target)) continue;
    durable_rename(paths_.file, target);
    base_.clear();
    base_masks_.clear();
    header_.reset();
    manifest_ = {.base = identity(base_)};
    return target;
  }
}

void DatasetSession::pack(const DatasetHeader& header) {
  if (parts_.empty() && manifest_.dropped == 0) return;
  const std::vector<Entry> entries = result();
  const fs::path temporary = paths_.parts / "pack.tmp";
  if (!entries.empty()) {
    try {
      write_packed(temporary, header, entries);
    } catch (...) {
      ::unlink(temporary.c_str());
      throw;
    }
  }
  manifest_.target = identity(entries);
  write_manifest();
  if (entries.empty()) {
    // Every episode that was in the file lies in `aside` now.
    remove_file(paths_.file);
    sync_file(paths_.file.parent_path());
  } else {
    durable_rename(temporary, paths_.file);
  }
  clear_session();
  base_masks_ = packed_masks(entries);
  base_ = entries;
  manifest_ = {.base = identity(base_)};
  header_ = entries.empty() ? std::nullopt : std::optional(header);
}

void DatasetSession::write_packed(const fs::path& temporary, const DatasetHeader& header,
                                  const std::vector<Entry>& entries) const {
  std::uintmax_t bytes = 1 << 20;
  if (fs::exists(paths_.file)) bytes += fs::file_size(paths_.file);
  for (const Part& part : parts_) bytes += fs::file_size(paths_.part(part.number));

  DatasetIndex contents{.header = header, .masks = packed_masks(entries)};
  for (const Entry& entry : entries) {
    contents.checksums.push_back(entry.checksum);
    contents.total_steps += entry.steps;
  }
  hdf5::write_file(
      temporary, bytes, [&](const hdf5::Place& place) { fill_packed(place, contents); },
      [&](const hdf5::Place& place) { return has_checksums(place, contents); });
  if (fs::exists(paths_.file)) keep_rights(paths_.file, temporary);
}

NamedMasks DatasetSession::packed_masks(const std::vector<Entry>& entries) const {
  const auto usable = [](const std::vector<Entry>& list) {
    std::vector<int> indices;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].usable) indices.push_back(static_cast<int>(i));
    }
    return indices;
  };
  const int kept = static_cast<int>(base_.size()) - manifest_.dropped;
  NamedMasks masks = continued_masks(base_masks_, usable(base_), kept, usable(entries));
  for (std::size_t i = static_cast<std::size_t>(kept); i < entries.size(); ++i) {
    if (entries[i].replays) masks[kReplayMask].push_back(static_cast<int>(i));
  }
  return masks;
}

void DatasetSession::fill_packed(const hdf5::Place& target, const DatasetIndex& contents) const {
  hdf5::create_group(target, "data");
  int index = 0;
  const int kept = static_cast<int>(base_.size()) - manifest_.dropped;
  if (kept > 0) {
    const hdf5::Handle source = hdf5::open_file(paths_.file);
    for (; index < kept; ++index) {
      copy_episode({source.get(), paths_.file.string() + ":"}, index, target, index);
    }
  }
  for (const Part& part : parts_) {
    const hdf5::Handle source = hdf5::open_file(paths_.part(part.number));
    copy_episode({source.get(), paths_.part(part.number).string() + ":"}, 0, target, index++);
  }
  write_index(target, contents);
}

void DatasetSession::clear_session() {
  for (const Part& part : parts_) remove_file(paths_.part(part.number));
  parts_.clear();
  remove_file(paths_.manifest());
}

}  // namespace understudy
