#include "capture/recording/session.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kAskTime = 2.0;  ///< s within which the second press counts
constexpr double kNever = -1e9;   ///< s

}  // namespace

Session::Session(SessionRules rules) : rules_(std::move(rules)) {
  if (rules_.goal < 0)
    throw UsageError("episodes: want 0 (no goal) or more, found " + std::to_string(rules_.goal));
}

SessionAction Session::answer(SessionAction action, SessionState next, std::string message, bool warning) {
  state_ = next;
  say(std::move(message), warning);
  return action;
}

SessionAction Session::refused(std::string message) {
  return answer(SessionAction::kRefused, state_, std::move(message), true);
}

void Session::say(std::string message, bool warning) {
  message_ = std::move(message);
  warning_ = warning;
}

void Session::step_taken(bool achieved, bool moved) {
  ++steps_;
  achieved_ = achieved;
  moved_ = moved_ || moved;
}

void Session::rewound(int steps, bool achieved, std::string message) {
  steps_ = steps;
  achieved_ = achieved;
  answer(SessionAction::kRewind, SessionState::kPaused,
         std::move(message) + press(Function::kStart) + " to go on");
}

/// "press X", as far as is known what calls `function`.
std::string Session::press(Function function) const {
  const std::string control = rules_.control ? rules_.control(function) : "";
  return "press " + (control.empty() ? name_of(function) : control);
}

/// Whether `event` was asked about just now; if not, it is from now on.
bool Session::confirmed(SessionEvent event, double time) {
  if (asked_ == event && time - asked_at_ <= kAskTime) {
    asked_at_ = kNever;
    return true;
  }
  asked_ = event;
  asked_at_ = time;
  return false;
}

SessionAction Session::handle(SessionEvent event, double time) {
  if (state_ == SessionState::kStopped) return SessionAction::kNone;
  // What was asked is not answered by something else in between.
  if ((event == SessionEvent::kBack ? SessionEvent::kStop : event) != asked_) asked_at_ = kNever;
  const bool live = state_ != SessionState::kReady;
  const bool moving = state_ == SessionState::kRecording || state_ == SessionState::kPaused;
  switch (event) {
    case SessionEvent::kStart:
      return start();
    case SessionEvent::kPause:
      if (state_ != SessionState::kRecording) return SessionAction::kNone;
      return answer(SessionAction::kPause, SessionState::kPaused,
                    "paused: " + press(Function::kStart) + " to go on");
    case SessionEvent::kEnd:
      if (!moving) return refused(live ? "the episode is over: save or discard it" : "nothing to end yet");
      return end("episode over", false);
    case SessionEvent::kSaveSuccess:
    case SessionEvent::kSaveFailure:
      if (!live) return refused("nothing to save yet: " + press(Function::kStart));
      return event == SessionEvent::kSaveSuccess ? save_success(time) : save(false);
    case SessionEvent::kDiscard:
      if (!live) return refused("nothing to discard: " + press(Function::kNext) + " for another start");
      ++discards_;
      return answer(SessionAction::kDiscard, SessionState::kReady, "discarded: the same start again");
    case SessionEvent::kNext:
      discards_ += live ? 1 : 0;
      return answer(SessionAction::kNext, SessionState::kReady,
                    live ? "discarded: another start" : "another start");
    case SessionEvent::kUndo:
      if (live) return refused("save or discard this episode first");
      if (saved_ == 0) return refused("nothing saved in this session to take back");
      --saved_;
      ++undone_;
      return answer(SessionAction::kUndo, SessionState::kReady, "the last episode was taken back");
    case SessionEvent::kExtend:
      if (moving) return answer(SessionAction::kExtend, state_, "30 s more");
      if (!live || !time_up_) return refused("no episode that needs more time");
      return answer(SessionAction::kExtend, SessionState::kPaused,
                    "30 s more: " + press(Function::kStart) + " to go on");
    case SessionEvent::kCheckpoint:
      if (!moving) return refused("a checkpoint is set within an episode");
      return answer(SessionAction::kCheckpoint, state_,
                    "checkpoint: " + press(Function::kRewind) + " to return");
    case SessionEvent::kRewind:
      if (!live) return refused("no episode to go back in");
      return answer(SessionAction::kRewind, state_, "");
    case SessionEvent::kReplay:
    case SessionEvent::kNote:
      if (live) return refused("save or discard this episode first");
      if (saved_ == 0) return refused("nothing saved in this session yet");
      return answer(event == SessionEvent::kReplay ? SessionAction::kReplay : SessionAction::kNote, state_,
                    "");
    case SessionEvent::kBack:
      if (state_ == SessionState::kRecording) return handle(SessionEvent::kPause, time);
      return stop(event, time);
    case SessionEvent::kStop:
      return stop(event, time);
    case SessionEvent::kEpisodeOver:
      return moving ? end("episode over", false) : SessionAction::kNone;
    case SessionEvent::kTimeUp:
      return moving ? end("time is up (" + press(Function::kExtend) + " for 30 s more)", true)
                    : SessionAction::kNone;
    case SessionEvent::kDeviceLost:
      device_present_ = false;
      if (state_ == SessionState::kRecording) {
        return answer(SessionAction::kPause, SessionState::kPaused,
                      "controller lost: plug it in again, then " + press(Function::kStart), true);
      }
      return answer(SessionAction::kNone, state_, "controller lost: plug it in again", true);
    case SessionEvent::kDeviceBack:
      device_present_ = true;
      return answer(SessionAction::kNone, state_,
                    state_ == SessionState::kPaused
                        ? "controller is back: " + press(Function::kStart) + " to go on"
                        : "controller is back");
  }
  return SessionAction::kNone;
}

SessionAction Session::start() {
  if (!device_present_) return refused("controller lost: plug it in again first");
  switch (state_) {
    case SessionState::kReady:
      steps_ = 0;
      achieved_ = moved_ = time_up_ = false;
      return answer(SessionAction::kBegin, SessionState::kRecording, "");
    case SessionState::kRecording:
      return handle(SessionEvent::kPause, 0);
    case SessionState::kPaused:
      return answer(SessionAction::kResume, SessionState::kRecording, "");
    default:
      return refused("the episode is over: save or discard it");
  }
}

SessionAction Session::end(std::string why, bool time_up) {
  time_up_ = time_up;
  return answer(SessionAction::kEnd, SessionState::kEnded, std::move(why) + ": save or discard it");
}

SessionAction Session::save_success(double time) {
  const bool unlikely = (rules_.judged && !achieved_) || !moved_;
  if (steps_ == 0 || !unlikely || confirmed(SessionEvent::kSaveSuccess, time)) return save(true);
  const bool moving = state_ != SessionState::kEnded;
  return answer(moving ? SessionAction::kEnd : SessionAction::kAsk, SessionState::kEnded,
                std::string(moved_ ? "the task does not count this as a success: " : "nothing was moved: ") +
                    press(Function::kSaveSuccess) + " again to save it as one",
                true);
}

SessionAction Session::save(bool success) {
  if (steps_ == 0) {
    ++discards_;
    return answer(SessionAction::kDiscard, SessionState::kReady, "nothing was recorded yet: discarded", true);
  }
  ++saved_;
  ++(success ? successes_ : failures_);
  const SessionAction action = success ? SessionAction::kSaveSuccess : SessionAction::kSaveFailure;
  const bool done = rules_.goal > 0 && saved_ >= rules_.goal;
  return answer(action, done ? SessionState::kStopped : SessionState::kReady,
                success ? "saved as success" : "saved as failure");
}

SessionAction Session::stop(SessionEvent event, double time) {
  if (confirmed(SessionEvent::kStop, time)) return answer(SessionAction::kStop, SessionState::kStopped, "");
  const Function again = event == SessionEvent::kBack ? Function::kBack : Function::kStop;
  const bool recording = state_ == SessionState::kRecording;
  return answer(recording ? SessionAction::kPause : SessionAction::kAsk,
                recording ? SessionState::kPaused : state_, press(again) + " again to stop the session",
                true);
}

std::optional<SessionEvent> session_event(Function function) {
  switch (function) {
    case Function::kStart:
      return SessionEvent::kStart;
    case Function::kEnd:
      return SessionEvent::kEnd;
    case Function::kSaveSuccess:
      return SessionEvent::kSaveSuccess;
    case Function::kSaveFailure:
      return SessionEvent::kSaveFailure;
    case Function::kDiscard:
      return SessionEvent::kDiscard;
    case Function::kNext:
      return SessionEvent::kNext;
    case Function::kUndo:
      return SessionEvent::kUndo;
    case Function::kBack:
      return SessionEvent::kBack;
    case Function::kStop:
      return SessionEvent::kStop;
    case Function::kPause:
      return SessionEvent::kPause;
    case Function::kExtend:
      return SessionEvent::kExtend;
    case Function::kCheckpoint:
      return SessionEvent::kCheckpoint;
    case Function::kRewind:
      return SessionEvent::kRewind;
    case Function::kReplay:
      return SessionEvent::kReplay;
    case Function::kNote:
      return SessionEvent::kNote;
    case Function::kNone:
    case Function::kPrecision:
    case Function::kCamera:
    case Function::kTakeOver:
    case Function::kGroup:
    case Function::kSecondView:
    case Function::kHelp:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace understudy
