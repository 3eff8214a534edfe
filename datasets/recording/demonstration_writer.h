#pragma once
/// \file Records demonstrations so that nothing that was saved can be lost.
///
/// While `demos.h5` is recorded, the directory `demos.h5.parts` beside it holds the session: the journal of
/// the live episode (append-only, checksummed) and one part file per saved episode. `pack` joins the parts to
/// what `demos.h5` held by writing a new file and renaming it; no file that holds saved episodes is ever
/// modified. docs/dataset-format.md has the formats.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "datasets/format/dataset_header.h"
#include "datasets/format/recording_record.h"
#include "datasets/recording/recovery.h"
#include "datasets/recording/step_record.h"
#include "datasets/types/matrix.h"

namespace understudy {

struct WriterOptions {
  /// An existing file that cannot be added to (not a dataset, another task) is set aside under a new name,
  /// `<file>.replaced-<n>`, instead of refused. A dataset that can be added to is added to, force or not.
  bool force = false;
};

/// Adds episodes to one dataset. Not thread-safe. One writer per dataset at a time, over all processes.
class DemonstrationWriter {
 public:
  /// Opens `file` for adding or prepares to create it, after recovering what a crashed session left (see
  /// `recovered`). Throws Error, in one line, when another process is recording into `file`, when
  /// `file` is not a dataset or is one of another task (unless `options.force`), or when its
  /// directory is missing or read-only.
  DemonstrationWriter(const std::filesystem::path& file, DatasetHeader header, WriterOptions options = {});
  /// Packs nothing and loses nothing: saved episodes stay in part files, a live one stays in its journal, and
  /// the next session or `recover` takes them up. Releases the dataset.
  ~DemonstrationWriter();
  DemonstrationWriter(const DemonstrationWriter&) = delete;
  DemonstrationWriter& operator=(const DemonstrationWriter&) = delete;

  /// What the constructor found and brought back.
  const RecoveryReport& recovered() const;
  /// Saved episodes, those of earlier sessions included.
  int episodes() const;
  /// Those among them that count as demonstrations: successful and not cut by a crash.
  int successes() const;
  /// True between begin_episode and commit_episode or discard_episode.
  bool recording() const;
  /// Steps of the live episode; 0 when there is none.
  int steps() const;

  /// Opens the journal of a new episode with o_0 `[obs_dim]` and s_0 `[state_dim]`;
  /// `variation` as in Episode. Throws Error when an episode is live, a size does not match
  /// the header, or a value is not finite. `recording` as in Episode, as far as it is known now; `doubts`: steps say
  /// how far a policy doubts.
  void begin_episode(std::uint64_t seed, ConstVectorRef observation, ConstStateRef state,
                     const std::string& operator_name, const std::string& variation = "",
                     const std::string& recording = "", bool doubts = false);

  /// Hands one step to the operating system: it survives the death of this process at once, and a power cut
  /// after at most a second (a background thread syncs twice a second). Takes microseconds; never
  /// waits for the disk. Throws Error, leaving the steps before it intact, when a size does not match,
  /// a value is not finite, an action lies outside [-1, 1], or the disk is full or failing; the same
  /// step may then be tried again.
  void append_step(const StepRecord& step);

  /// Takes the live episode back to its first `step` steps, in [0, steps()]; what came after is in no file any more,
  /// however the session ends. Throws Error like append_step, and nothing has changed then.
  void rewind(int step);

  /// Saves the live episode for good (synced to disk) and returns the number of saved episodes. An episode
  /// without steps is dropped. When it throws Error (disk full), the episode takes no more steps but is still
  /// in its journal: call again once there is room, or let the next session recover it, as saved if its end
  /// still fitted and as cut otherwise.
  int commit_episode(const EpisodeEnd& end);

  /// A number that stands for the episode that was saved last, as long as this writer lives and it is not undone;
  /// -1 before the first.
  int last_saved() const;
  /// Changes what the file says about how a saved episode was recorded (Episode::recording); not to be called from
  /// inside a control loop: it writes the episode's part anew. False when the episode is packed or undone
  /// already. Throws Error when the disk is full or failing; what was there stays then.
  bool describe(int saved, const std::function<void(RecordingRecord&)>& change);

  /// Throws the live episode away. Does nothing when there is none.
  void discard_episode();

  /// Takes the last saved episode, also one of an earlier session, out of the dataset and moves it to
  /// `<file>.aside`, where `restore_undone` finds it. False when no episode is saved. Throws Error when an
  /// episode is live, or when the disk is full or failing; nothing is lost then.
  bool undo_last();

  /// Joins all saved episodes into `file`, numbered from 0, and splits the successful ones into the train and
  /// valid masks. Throws Error when the disk is full or failing; nothing is lost then and it can be tried
  /// again. Without any saved episode no file is made. An episode that is live stays so.
  void pack();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
