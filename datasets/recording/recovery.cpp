#include "datasets/recording/recovery.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/dataset_session.h"
#include "datasets/recording/journal.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

std::string counted(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace

RecoveryReport DatasetSession::recover() {
  RecoveryReport report;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(paths_.parts, error)) {
    if (entry.path().extension() == ".tmp") remove_file(entry.path());
  }
  load_base(report);
  read_manifest();
  finish_pack();
  finish_journals(report);
  load_parts(report);
  bring_back_parts(report);
  compare_base(report);
  check_parts_fit();
  report.parts_packed = static_cast<int>(parts_.size()) - report.episodes_recovered;
  if (!parts_.empty() || manifest_.dropped > 0) pack(latest_header());
  clear_session();
  return report;
}

void DatasetSession::load_base(RecoveryReport& report) {
  base_.clear();
  base_masks_.clear();
  header_.reset();
  if (!fs::exists(paths_.file)) return;
  const DemonstrationReader reader(paths_.file);
  if (!reader.is_ours()) {
    throw Error(paths_.file.string() +
                ": want a dataset that understudy wrote, found one without /understudy");
  }
  header_ = reader.header();
  for (const std::string& key : reader.masks()) {
    try {
      base_masks_[key] = reader.mask(key);
    } catch (const SystemError&) {
      throw;
    } catch (const Error& error) {
      // Nothing that was recorded is to wait for a list that somebody has spoilt.
      report.notes.push_back(std::string(error.what()) + "; this mask is left out");
    }
  }
  const auto dropped = base_masks_.find(kDroppedMask);
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    const bool out =
        dropped != base_masks_.end() && std::binary_search(dropped->second.begin(), dropped->second.end(), i);
    base_.push_back({.checksum = reader.checksum(i),
                     .steps = summary.steps,
                     .usable = summary.success && !summary.recovered && !out});
  }
}

void DatasetSession::read_manifest() {
  manifest_ = {.base = identity(base_)};
  if (!fs::exists(paths_.manifest())) return;
  const auto json = parsed_json(read_file(paths_.manifest()));
  if (!json.is_object()) return;
  try {
    manifest_ = {.base = json.at("base").get<std::string>(),
                 .dropped = json.at("dropped").get<int>(),
                 .target = json.at("target").get<std::string>()};
  } catch (const nlohmann::json::exception& error) {
    throw Error(paths_.manifest().string() +
                ": want what a recording session writes, found something else (" + reason_of(error) +
                "); move it away and run the same command again");
  }
}

/// A pack that was cut after it had renamed the new file: only tidying up was left to do.
void DatasetSession::finish_pack() {
  if (manifest_.target.empty() || manifest_.target != identity(base_)) return;
  std::set<std::string> packed;
  for (const Entry& entry : base_) packed.insert(entry.checksum);
  for (const int number : numbered_files(paths_.parts, "part", ".h5")) {
    if (packed.count(DemonstrationReader(paths_.part(number)).checksum(0)) > 0)
      remove_file(paths_.part(number));
  }
  remove_file(paths_.manifest());
  manifest_ = {.base = identity(base_)};
}

void DatasetSession::finish_journals(RecoveryReport& report) {
  for (const int number : numbered_files(paths_.parts, "live", ".journal")) finish_journal(number, report);
}

void DatasetSession::finish_journal(int number, RecoveryReport& report) {
  const fs::path file = paths_.journal(number);
  if (fs::exists(paths_.part(number))) {
    // The part was complete when it got its name, so the journal is only a leftover, unless the disk failed.
    try {
      read_part(paths_.part(number), number);
      remove_file(file);
      return;
    } catch (const SystemError&) {
      throw;  // which says nothing about the part
    } catch (const Error& error) {
      report.notes.push_back(std::string(error.what()) + "; moved to " +
                             move_aside(paths_.part(number)).string());
    }
  }
  Journal journal = read_journal(file);
  const int steps = journal.begun ? journal.episode.length() : 0;
  if (steps > 0) {
    if (!journal.ended) {
      journal.episode.truncated = true;
      ++report.episodes_recovered;
      report.steps_recovered += steps;
      report.notes.push_back(
          "an episode of " + counted(static_cast<std::size_t>(steps), "step") +
          " was being recorded when the session was cut: kept as recovered, outside the masks");
    }
    write_part(number, journal.episode, journal.header,
               {.recovered = !journal.ended, .device = journal.header.device});
  }
  if (journal.damaged) {
    report.notes.push_back(file.string() + ": damaged after " +
                           counted(static_cast<std::size_t>(steps), "step") + " (byte " +
                           std::to_string(journal.intact_bytes) + " of " +
                           std::to_string(journal.file_bytes) + "); moved to " + move_aside(file).string());
  } else {
    remove_file(file);
  }
}

DatasetSession::Part DatasetSession::read_part(const fs::path& file, int number) {
  const DemonstrationReader reader(file);
  const EpisodeSummary summary = reader.summary(0);
  // Reads every array once, so that a damaged part is found before it is packed.
  if (!reader.is_ours() || episode_sha256(reader.read(0)) != reader.checksum(0)) {
    throw Error(file.string() + ": the content does not match its checksum");
  }
  bool replayed = false;
  try {
    replayed = replays(recording_from_json(summary.recording, file.string()));
  } catch (const Error&) {  // a note that cannot be read is no reason to put a recording aside
  }
  return {.number = number,
          .entry = {.checksum = reader.checksum(0),
                    .steps = summary.steps,
                    .usable = summary.success && !summary.recovered,
                    .replays = replayed},
          .header = reader.header()};
}

void DatasetSession::load_parts(RecoveryReport& report) {
  parts_.clear();
  next_part_ = 0;
  for (const int number : numbered_files(paths_.parts, "part", ".h5")) {
    try {
      parts_.push_back(read_part(paths_.part(number), number));
      next_part_ = number + 1;
    } catch (const SystemError&) {
      throw;
    } catch (const Error& error) {
      report.notes.push_back(std::string(error.what()) + "; moved to " +
                             move_aside(paths_.part(number)).string());
    }
  }
}

/// Parts that were taken for damaged and can be read after all.
void DatasetSession::bring_back_parts(RecoveryReport& report) {
  std::error_code none;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(paths_.aside, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("damaged_") && name.ends_with(".h5")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    try {
      Part part = read_part(file, next_part_);
      const auto is_same = [&](const Entry& entry) { return entry.checksum == part.entry.checksum; };
      // Made again from its journal.
      if (std::any_of(base_.begin(), base_.end(), is_same)) continue;
      if (std::any_of(parts_.begin(), parts_.end(), [&](const Part& p) { return is_same(p.entry); }))
        continue;
      const DatasetHeader* want = header_ ? &*header_ : parts_.empty() ? nullptr : &parts_.front().header;
      if (want != nullptr && !header_mismatch(*want, part.header).empty()) continue;
      durable_rename(file, paths_.part(part.number));
      parts_.push_back(std::move(part));
      ++next_part_;
      report.notes.push_back(file.string() + ": whole after all, brought back");
    } catch (const SystemError&) {
      throw;
    } catch (const Error&) {
      continue;  // as damaged as it was
    }
  }
  fs::remove(paths_.aside, none);
}

/// Undone episodes are taken out only of the very file they were undone in.
void DatasetSession::compare_base(RecoveryReport& report) {
  const bool same = manifest_.base == identity(base_) && manifest_.dropped >= 0 &&
                    manifest_.dropped <= static_cast<int>(base_.size());
  if (same && manifest_.dropped > 0) {
    report.notes.push_back(counted(static_cast<std::size_t>(manifest_.dropped), "undone episode") +
                           " taken out");
  }
  if (same) return;
  if (manifest_.dropped > 0) {
    report.notes.push_back(paths_.file.string() +
                           ": changed since episodes were undone in it; they stay in it");
  }
  manifest_ = {.base = identity(base_)};
}

void DatasetSession::check_parts_fit() const {
  if (parts_.empty()) return;
  const DatasetHeader& want = header_ ? *header_ : parts_.front().header;
  for (const Part& part : parts_) {
    const std::string mismatch = header_mismatch(want, part.header);
    if (mismatch.empty()) continue;
    throw Error(paths_.part(part.number).string() + ": does not belong to " + paths_.file.string() + ": " +
                mismatch + "; move " + (header_ ? "one of them" : "it") +
                " away and run the same command again");
  }
}

RecoveryReport recover(const fs::path& file) {
  const DatasetPaths paths(file);
  if (!fs::exists(paths.parts) && !fs::exists(paths.aside)) {
    if (!fs::exists(file))
      throw Error(file.string() + ": no such file, and nothing left beside it to recover");
    return {};
  }
  DatasetSession session(file);
  RecoveryReport report = session.recover();
  if (report.empty() && !fs::exists(file)) {
    throw Error(file.string() + ": no such file, and nothing left beside it to recover");
  }
  return report;
}

int restore_undone(const fs::path& file, int count) {
  if (undone_episodes(file) == 0) {
    recover(file);
    return 0;
  }
  DatasetSession session(file);
  session.recover();
  const int restored = session.restore_undone(count);
  if (restored > 0) session.pack(session.latest_header());
  return restored;
}

}  // namespace understudy
