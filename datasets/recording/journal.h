#pragma once
/// \file The live episode on disk: append-only and checksummed, so that it is readable up to whatever byte a
/// crash left. docs/dataset-format.md has the layout.

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "datasets/format/dataset_header.h"
#include "datasets/recording/step_record.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/episode.h"

namespace understudy {

/// Writes the journal of one episode. Each record reaches the operating system in one write before the call
/// returns; a thread syncs the file to disk every half second while there is something to sync.
class JournalWriter {
 public:
  /// Creates `file` with the episode's beginning. Throws Error; no file is left then.
  JournalWriter(std::filesystem::path file, const DatasetHeader& header, std::uint64_t seed,
                ConstVectorRef observation, ConstStateRef state, const std::string& operator_name,
                const std::string& variation = "", const std::string& recording = "", bool doubts = false);
  /// Syncs and closes; the file stays.
  ~JournalWriter();
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;

  const std::filesystem::path& file() const { return file_; }

  /// Sizes must be those of the header. Throws Error when the record cannot be written, also when a sync
  /// since the last call failed; the journal then ends after the record before.
  void append_step(const StepRecord& step);
  /// The episode goes on after its first `step` steps: whatever was appended since is gone for every reader. Throws
  /// as append_step does.
  void append_rewind(int step);
  /// Writes how the episode ended and waits for the disk. Throws Error; the end is then not in the journal. A
  /// second call replaces the first.
  void append_end(const EpisodeEnd& end);

 private:
  void append(std::uint8_t kind);
  bool cut_to(std::uint64_t bytes);
  void sync_loop();

  std::filesystem::path file_;
  FileDescriptor descriptor_;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_before_end_ = 0;  ///< 0: no end is written
  std::vector<char> record_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool unsynced_ = false;
  bool stopping_ = false;
  int sync_error_ = 0;
  std::thread syncer_;
};

/// What could be read from a journal.
struct Journal {
  bool begun = false;  ///< the beginning is intact; when it is not, nothing else is filled in
  bool ended = false;  ///< the episode was saved: its end is in the journal
  DatasetHeader header;
  bool doubts = false;  ///< steps say how far a policy doubted
  Episode episode;      ///< up to the last intact record; flags only when `ended`
  std::uint64_t intact_bytes = 0;
  std::uint64_t file_bytes = 0;
  /// True when more than a torn last record is unreadable, so that whole steps may be missing.
  bool damaged = false;
};

/// Reads as far as the checksums hold. Throws Error only when the file cannot be read at all.
Journal read_journal(const std::filesystem::path& file);

}  // namespace understudy
