#pragma once
/// \file The recording session as a state machine: pure bookkeeping, no device, no files, no clock.
///
/// | event \ state  | ready      | recording    | paused       | ended        |
/// |----------------|------------|--------------|--------------|--------------|
/// | start          | begin      | pause        | resume       | refused      |
/// | pause          | -          | pause        | -            | -            |
/// | end            | refused    | end          | end          | refused      |
/// | save success   | refused    | save or ask  | save or ask  | save or ask  |
/// | save failure   | refused    | save         | save         | save         |
/// | discard        | refused    | discard      | discard      | discard      |
/// | next           | next       | next         | next         | next         |
/// | undo           | undo       | refused      | refused      | refused      |
/// | extend         | refused    | extend       | extend       | extend (1)   |
/// | checkpoint     | refused    | checkpoint   | checkpoint   | refused      |
/// | rewind         | refused    | rewind       | rewind       | rewind       |
/// | replay, note   | (2)        | refused      | refused      | refused      |
/// | back           | ask, stop  | pause        | ask, stop    | ask, stop    |
/// | stop           | ask, stop  | pause, stop  | ask, stop    | ask, stop    |
/// | episode over   | -          | end          | end          | -            |
/// | time up        | -          | end          | end          | -            |
/// | device lost    | -          | pause        | -            | -            |
/// | device back    | -          | -            | -            | -            |
///
/// (1) where the time was up; refused else. (2) refused where this session saved nothing.
///
/// Saving, discarding and undoing lead back to ready; discarding to the same start, next to another. Going back to a
/// checkpoint pauses. "ask": only a second press within two seconds does it. A success is asked about where the task
/// itself counts none or nothing was moved; the episode ends meanwhile. While the device is lost, start is refused.
/// Saving an episode without steps discards it. Undo takes back only what this session saved. Reaching the goal stops.

#include <functional>
#include <optional>
#include <string>

#include "capture/devices/session_state.h"
#include "capture/input/controls.h"

namespace understudy {

enum class SessionEvent {
  kStart,
  kEnd,
  kSaveSuccess,
  kSaveFailure,
  kDiscard,
  kNext,
  kUndo,
  kPause,
  kExtend,
  kCheckpoint,
  kRewind,
  kReplay,
  kNote,
  kBack,
  kStop,
  kEpisodeOver,  ///< the task ended by itself
  kTimeUp,       ///< the episode's time is up
  kDeviceLost,
  kDeviceBack,
};

/// What the recorder has to do because of an event.
enum class SessionAction {
  kNone,     ///< nothing, and nothing to say
  kRefused,  ///< nothing; `message()` says why
  kBegin,    ///< begin an episode
  kPause,
  kResume,
  kEnd,          ///< keep the episode and wait for the verdict
  kSaveSuccess,  ///< commit the episode
  kSaveFailure,
  kDiscard,     ///< drop the episode and offer the same start
  kNext,        ///< drop the episode, if one is live, and offer another start
  kUndo,        ///< take back the last committed episode
  kExtend,      ///< give the episode more time
  kCheckpoint,  ///< remember this moment
  kRewind,      ///< go back to a moment remembered
  kReplay,      ///< show the last episode
  kNote,        ///< let the operator write about the last episode
  kAsk,         ///< only if asked again
  kStop,        ///< leave; an unfinished episode stays in its journal
};

struct SessionRules {
  int goal = 0;         ///< episodes to save before the session stops by itself; 0: no goal
  bool judged = false;  ///< the task has a success criterion
  /// What the operator presses for a function, for messages; "" where nothing calls it.
  std::function<std::string(Function)> control{};
};

class Session {
 public:
  /// Throws UsageError if the goal is negative.
  explicit Session(SessionRules rules);

  /// `time` in s, never decreasing. The state has changed when this returns.
  SessionAction handle(SessionEvent event, double time);

  /// Tells that a step of the present episode was recorded: whether the task's criterion holds after it, and whether
  /// the operator moved anything.
  void step_taken(bool achieved, bool moved);
  /// Tells that the episode is back at its first `steps` steps, at the end of which the criterion held or not. It is
  /// paused, and `message` is for the operator.
  void rewound(int steps, bool achieved, std::string message);
  /// Says `message` instead of what was said last.
  void say(std::string message, bool warning = false);

  SessionState state() const { return state_; }
  bool device_present() const { return device_present_; }
  int saved() const { return saved_; }  ///< episodes saved in this session and not undone
  int goal() const { return rules_.goal; }
  int successes() const { return successes_; }  ///< times the verdict was success
  int failures() const { return failures_; }    ///< times the verdict was failure
  int discards() const { return discards_; }
  int undone() const { return undone_; }
  /// One line for the operator about the last event; "" when there is nothing to say.
  const std::string& message() const { return message_; }
  bool warning() const { return warning_; }

 private:
  SessionAction answer(SessionAction action, SessionState next, std::string message, bool warning = false);
  SessionAction refused(std::string message);
  SessionAction start();
  SessionAction save_success(double time);
  SessionAction save(bool success);
  SessionAction stop(SessionEvent event, double time);
  SessionAction end(std::string why, bool time_up);
  bool confirmed(SessionEvent event, double time);
  std::string press(Function function) const;

  SessionRules rules_;
  SessionState state_ = SessionState::kReady;
  bool device_present_ = true;
  int saved_ = 0;
  int successes_ = 0;
  int failures_ = 0;
  int discards_ = 0;
  int undone_ = 0;
  int steps_ = 0;          ///< of the present episode
  bool achieved_ = false;  ///< the task's criterion holds at its end
  bool moved_ = false;     ///< somewhere in it
  bool time_up_ = false;   ///< it ended because of that
  double asked_at_ = -1e9;
  SessionEvent asked_ = SessionEvent::kStop;
  std::string message_;
  bool warning_ = false;
};

/// The event that a control's function stands for, if it is any business of the session.
std::optional<SessionEvent> session_event(Function function);

}  // namespace understudy
