#pragma once
/// \file How an episode was recorded, beside what was measured at its steps: the attribute `recording` of an
/// episode, a JSON object (docs/dataset-format.md).

#include <optional>
#include <string>
#include <vector>

namespace understudy {

/// A return to an earlier moment of the episode; what was thrown away is in no array.
struct Rewind {
  int step = 0;       ///< steps before the moment: the first one recorded after the return has this number
  int discarded = 0;  ///< steps thrown away
  bool operator==(const Rewind&) const = default;
};

/// The most that a replay may be off to count as the same: same build and machine give 0.
inline constexpr double kReplayTolerance = 1e-6;

/// What is empty, zero or unknown is left out of the file.
struct RecordingRecord {
  int session = 0;                ///< number of the session in the file, from 1; 0: not known
  std::string policy{};           ///< which version of what policy drove, where one did
  std::string note{};             ///< what the operator has to say about the episode
  std::vector<Rewind> rewinds{};  ///< by step
  int idle_head = 0;              ///< steps before the first with any input
  int idle_tail = 0;              ///< steps after the last with any input
  /// Largest difference between a recorded state and that of the same step when the actions were repeated, in the
  /// state's own units.
  std::optional<double> replay_divergence{};

  bool operator==(const RecordingRecord&) const = default;
};

/// Whether the episode was replayed, and was the same.
bool replays(const RecordingRecord& record);

/// The episode goes on from `step` and had `before` steps until then: notes it, and forgets rewinds that are now part
/// of what was thrown away.
void add_rewind(RecordingRecord& record, int step, int before);

/// "" for a record that says nothing.
std::string to_json(const RecordingRecord& record);
/// The record that `text` holds; "" holds none. Throws Error beginning with `place` for anything else. Entries of
/// other names are passed over.
RecordingRecord recording_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
