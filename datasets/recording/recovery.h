#pragma once
/// \file Brings back what a recording session that did not end by itself has left behind.

#include <filesystem>
#include <string>
#include <vector>

namespace understudy {

/// What `recover` did. All zero and no notes: there was nothing to do.
struct RecoveryReport {
  int parts_packed = 0;            ///< saved episodes that were still outside the dataset file
  int episodes_recovered = 0;      ///< episodes that were being recorded when the session was cut
  int steps_recovered = 0;         ///< steps in those
  std::vector<std::string> notes;  ///< one line for each thing worth telling

  bool empty() const { return parts_packed == 0 && episodes_recovered == 0 && notes.empty(); }
};

/// Packs the leftovers of a session into `file`. An episode that was being recorded when the session was cut
/// is kept as far as its journal reaches, as truncated, without success and flagged `recovered`; such
/// episodes are left out of the train and valid masks. Damaged parts and journals are moved to
/// `<file>.aside`, never deleted; parts there that can be read after all are brought back. Throws Error when
/// another process is recording into `file`, or when neither it nor leftovers exist; SystemError, and changes
/// nothing, when the system lets a file not be read. Running it again changes nothing.
RecoveryReport recover(const std::filesystem::path& file);

/// Brings the most recently undone `count` episodes back from `<file>.aside` to the end of the dataset,
/// oldest first, and returns how many there were. Recovers leftovers first. Throws like `recover`.
int restore_undone(const std::filesystem::path& file, int count);

}  // namespace understudy
