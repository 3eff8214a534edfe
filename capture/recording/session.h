#pragma once
/// \file The recording session as a state machine: pure bookkeeping, no device, no files, no clock.
///
/// | event \ state  | ready      | recording    | paused       | ended        |
/// |----------------|------------|--------------|--------------|--------------|
/// | start          | begin      | pause        | resume       | refused      |
/// | end            | refused    | end          | end          | refused      |
/// | save success   | refused    | save         | save         | save         |
/// | save failure   | refused    | save         | save         | save         |
/// | discard        | refused    | discard      | discard      | discard      |
/// | undo           | undo       | refused      | refused      | refused      |
/// | back           | ask, stop  | pause        | ask, stop    | ask, stop    |
/// | stop           | stop       | stop         | stop         | stop         |
/// | episode over   | -          | end          | end          | -            |
/// | device lost    | -          | pause        | -            | -            |
/// | device back    | -          | -            | -            | -            |
///
/// Saving, discarding and undoing lead back to ready. "ask, stop": a second press within two seconds stops.
/// While the device is lost, start is refused. Saving an episode without steps discards it. Undo takes back
/// only what this session saved. Reaching the goal stops.

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
  kUndo,
  kBack,
  kStop,
  kEpisodeOver,  ///< the task ended by itself, or the time was up
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
  kDiscard,  ///< drop the episode
  kUndo,     ///< take back the last committed episode
  kAsk,      ///< stop only if asked again
  kStop,     ///< leave; an unfinished episode stays in its journal
};

class Session {
 public:
  /// `goal`: episodes to save before the session stops by itself; 0: no goal. Throws UsageError if negative.
  explicit Session(int goal);

  /// `time` in s, never decreasing. The state has changed when this returns.
  SessionAction handle(SessionEvent event, double time);

  /// Tells that a step of the present episode was recorded: an episode without steps is dropped, not saved.
  void step_taken() { ++steps_; }

  SessionState state() const { return state_; }
  bool device_present() const { return device_present_; }
  int saved() const { return saved_; }  ///< episodes saved in this session and not undone
  int goal() const { return goal_; }
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
  SessionAction save(bool success);
  SessionAction back(double time);

  int goal_;
  SessionState state_ = SessionState::kReady;
  bool device_present_ = true;
  int saved_ = 0;
  int successes_ = 0;
  int failures_ = 0;
  int discards_ = 0;
  int undone_ = 0;
  int steps_ = 0;  ///< of the present episode
  double asked_at_ = -1e9;
  std::string message_;
  bool warning_ = false;
};

/// The event that a control's function stands for, if it is any business of the session.
std::optional<SessionEvent> session_event(Function function);

}  // namespace understudy
