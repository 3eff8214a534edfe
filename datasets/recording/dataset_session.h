#pragma once
/// \file What lies beside a dataset file while it is recorded, and how it gets into the file: parts, undone
/// episodes, pack and recovery. docs/dataset-format.md has the rules. Included by
/// sources of this folder only.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/format/dataset_header.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/episode_layout.h"
#include "datasets/format/masks.h"
#include "datasets/format/recording_record.h"
#include "datasets/recording/recovery.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/episode.h"

namespace understudy {

/// The dataset as it will be once packed: the first `base` episodes that are not undone, then the parts.
/// Holds the lock on the dataset. Every change is on the disk when the call returns.
class DatasetSession {
 public:
  /// Locks. Throws Error when another process holds the lock or the directory of `dataset` cannot be written.
  explicit DatasetSession(const std::filesystem::path& dataset);

  const DatasetPaths& paths() const { return paths_; }

  /// Turns journals into parts and packs what a session left. Reads the dataset file
  /// afterwards. Throws Error.
  RecoveryReport recover();

  /// Moves the dataset file to `<file>.replaced-<n>` and returns that name.
  std::filesystem::path set_aside();

  /// Header of the packed file; nullopt when there is none.
  const std::optional<DatasetHeader>& header() const { return header_; }
  int episodes() const;
  /// Successful and not recovered ones: those that go into the masks.
  int successes() const;
  /// Number that the next part gets. Grows as long as the session lives, so that a journal and the part made
  /// of it can be told by their common number.
  int next_part() const { return next_part_; }

  void add_part(const Episode& episode, const DatasetHeader& header, const EpisodeOrigin& origin);
  /// Number of the last part; -1 without any.
  int last_part() const { return parts_.empty() ? -1 : parts_.back().number; }
  /// Changes what part `number` says about its recording; false when there is no such part.
  bool describe(int number, const std::function<void(RecordingRecord&)>& change);
  /// Moves the last episode to `aside`; false when there is none.
  bool undo_last();
  /// Brings the latest `count` undone episodes back as parts; returns how many there were.
  int restore_undone(int count);
  /// Writes the new dataset file and clears the session. `header` replaces the provenance of the file's.
  void pack(const DatasetHeader& header);
  /// Header of the last part, else of the packed file.
  DatasetHeader latest_header() const;

 private:
  struct Entry {
    std::string checksum{};
    int steps = 0;
    bool usable = false;
    bool replays = false;  ///< of parts: the simulation gives the same again
  };
  struct Part {
    int number = 0;
    Entry entry{};
    DatasetHeader header{};
  };
  /// session.json: which file the session began on and what has become of that.
  struct Manifest {
    std::string base{};    ///< identity of the dataset file the parts are to be added to
    int dropped = 0;       ///< episodes undone from its end
    std::string target{};  ///< identity that the pack under way will give the file; "" when none is
  };

  void load_base(RecoveryReport& report);
  void read_manifest();
  void finish_pack();
  void finish_journals(RecoveryReport& report);
  void finish_journal(int number, RecoveryReport& report);
  void load_parts(RecoveryReport& report);
  void bring_back_parts(RecoveryReport& report);
  void compare_base(RecoveryReport& report);
  void check_parts_fit() const;
  void write_manifest();
  void begin_change();
  void write_part(int number, const Episode& episode, const DatasetHeader& header,
                  const EpisodeOrigin& origin);
  std::filesystem::path move_aside(const std::filesystem::path& leftover) const;
  std::vector<Entry> result() const;
  void write_packed(const std::filesystem::path& temporary, const DatasetHeader& header,
                    const std::vector<Entry>& entries) const;
  void fill_packed(const hdf5::Place& target, const DatasetIndex& contents) const;
  NamedMasks packed_masks(const std::vector<Entry>& entries) const;
  void clear_session();

  static Part read_part(const std::filesystem::path& file, int number);
  static std::string identity(const std::vector<Entry>& entries);

  DatasetPaths paths_;
  DirectoryLock lock_;
  std::optional<DatasetHeader> header_;
  std::vector<Entry> base_;
  NamedMasks base_masks_;  ///< of the packed file, by name
  std::vector<Part> parts_;
  Manifest manifest_;
  int next_part_ = 0;
};

}  // namespace understudy
