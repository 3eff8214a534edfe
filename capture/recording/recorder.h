#pragma once
/// \file Runs a recording session: device, task and dataset on one fixed-rate loop.
///
/// Every tick: wait for the deadline, read the device, obey its buttons, and while recording compute the
/// action, step the task and hand the step to the journal. Drawing and rumble happen elsewhere.
///
/// When the session is stopped, by its operator or by Ctrl-C, with an episode that has no verdict, the
/// episode stays in its journal: the next session or `data recover` adds it, marked as recovered and left out
/// of the demonstrations to train on. Saved episodes are packed into the dataset.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "capture/devices/device.h"
#include "capture/recording/control_loop.h"
#include "capture/recording/live_episode.h"
#include "capture/recording/replay_gate.h"
#include "capture/recording/session.h"
#include "capture/view/hud.h"
#include "datasets/recording/demonstration_writer.h"
#include "envs/contract/environment.h"

namespace understudy {

struct RecorderOptions {
  int episodes = 50;       ///< to save; 0: until the operator stops
  std::uint64_t seed = 1;  ///< episode i is reset with episode_seed(kDemonstration, seed, first_index + i)
  std::uint64_t first_index = 0;  ///< see `next_episode_index`
  double rate = 30;               ///< Hz; another rate than the task's own runs it in slow or fast motion
  double episode_seconds = 60;    ///< s of the task's time after which an episode ends
  bool same_start =
      false;  ///< a start that was discarded is offered again: for people, who differ from try to try
  std::string operator_name{};  ///< whose hand it is; empty: what the device says
  std::string note{};           ///< on every episode
  int pack_every = 0;           ///< saved episodes after which they are packed; 0: at the end
  int session = 0;              ///< see `next_session`
  int give_up = 0;              ///< attempts that fail in a row after which the session ends; 0: any number
};

/// What a session came to.
struct RecordingSummary {
  int attempts = 0;   ///< episodes begun
  int saved = 0;      ///< saved in this session and not undone
  int successes = 0;  ///< saved as success
  int failures = 0;   ///< saved as failure
  int discards = 0;
  int undone = 0;
  int achieved = 0;          ///< attempts in which the task's criterion held at the end, whatever the verdict
  int finished = 0;          ///< attempts that ended with a verdict or a discard
  std::int64_t steps = 0;    ///< recorded, discarded ones included
  int overruns = 0;          ///< steps that missed their deadline
  double rate = 0;           ///< Hz, measured between the first and last steps of episodes
  double seconds = 0;        ///< s on the session's clock
  int unfinished_steps = 0;  ///< steps of an episode without verdict, left in its journal
  int replayed = 0;          ///< saved episodes that the gate simulated again
  int replays_the_same = 0;  ///< those among them that came out the same
  bool interrupted = false;  ///< Ctrl-C or the like rather than goal or stop
  bool gave_up = false;      ///< as many attempts in a row failed as RecorderOptions::give_up allows
};

/// What a recorder tells the outside; every member may be empty.
struct RecorderHooks {
  std::function<bool()> interrupted;                           ///< asked every tick; true stops
  std::function<void(const Tick&)> tick;                       ///< every tick, as it begins
  std::function<void(const Scene&, const HudState&)> present;  ///< every tick
  std::function<void(Function)> view;           ///< the operator asks for something that is only seen
  std::function<void(const Vector&)> prepared;  ///< an episode may begin from this first observation
  std::function<void(const RecordingSummary&)>
      episode_over;                      ///< after each save, discard or undo, before a next start
  std::function<void()> packed;          ///< after each pack between episodes
  std::function<void()> checkpoint;      ///< when one is set
  std::function<void()> before_episode;  ///< before a start is prepared
  ReplayGate* gate = nullptr;            ///< simulates what is saved again
};

class Recorder {
 public:
  /// All parts must outlive the recorder. Throws UsageError for options out of range.
  Recorder(Environment& environment, Device& device, DemonstrationWriter& writer, Clock& clock,
           RecorderOptions options, RecorderHooks hooks = {});

  /// Records until the goal, the operator or an interruption ends the session, then packs. What device, task
  /// or writer throw passes through; episodes saved until then are safe.
  RecordingSummary run();

  const Session& session() const { return session_; }

 private:
  void prepare_episode();
  void watch_device();
  void call(Function function);
  void obey(SessionEvent event);
  void begin_episode();
  void save_episode(bool success);
  void drop_episode();
  void finish_attempt(bool another_start);
  void pause_after_last_step();
  void extend();
  void rewind();
  void take_step(const Tick& tick);
  void begin_replay();
  void show_replay();
  void end_replay();
  void write_note();
  void describe_saved();
  void pack();
  void present();

  Environment* environment_;
  Device* device_;
  DemonstrationWriter* writer_;
  RecorderOptions options_;
  RecorderHooks hooks_;
  ControlLoop loop_;
  Session session_;
  RecordingSummary summary_;
  HudState hud_;
  std::uint64_t index_ = 0;  ///< of the episode that is prepared or live
  std::uint64_t seed_ = 0;   ///< of that episode
  Vector observation_;
  State state_;
  Matrix action_;  ///< [1, act_dim]
  Vector axes_;
  Vector buttons_;
  LiveEpisode live_;
  Trajectory last_;                       ///< the last one saved
  std::optional<Eigen::Index> replayed_;  ///< row of its states that is shown
  std::optional<std::string> note_;       ///< while it is written
  int unpacked_ = 0;                      ///< episodes saved since the last pack
  int failed_in_a_row_ = 0;               ///< attempts
  int most_steps_ = 0;                    ///< of this episode
  double began_ = 0;                      ///< s, shifted by the length of every pause
  double paused_at_ = 0;                  ///< s
  double recorded_seconds_ = 0;           ///< s from first to last step, summed over episodes
  std::int64_t intervals_ = 0;            ///< steps less one, summed over episodes
  int episode_overruns_ = 0;
};

/// Number of the first episode that a session with `--seed seed` has not recorded into `file` yet, so that
/// sessions that are appended do not repeat episodes. 0 when `file` does not exist. Throws UsageError when
/// `seed` is 10,000 or more, and Error like DemonstrationReader.
std::uint64_t next_episode_index(const std::filesystem::path& file, std::uint64_t seed);

/// Number of a new session that records into `file`: one more than the last that is noted there. Throws Error like
/// DemonstrationReader.
int next_session(const std::filesystem::path& file);

}  // namespace understudy
