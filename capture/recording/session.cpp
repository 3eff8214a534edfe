#include "capture/recording/session.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kAskTime = 2.0;  ///< s within which the second press of back counts

}  // namespace

Session::Session(int goal) : goal_(goal) {
  if (goal < 0) throw UsageError("episodes: want 0 (no goal) or more, found " + std::to_string(goal));
}

SessionAction Session::answer(SessionAction action, SessionState next, std::string message, bool warning) {
  state_ = next;
  message_ = std::move(message);
  warning_ = warning;
  return action;
}

SessionAction Session::refused(std::string message) {
  return answer(SessionAction::kRefused, state_, std::move(message), true);
}

SessionAction Session::handle(SessionEvent event, double time) {
  if (state_ == SessionState::kStopped) return SessionAction::kNone;
  const bool live = state_ != SessionState::kReady;
  const bool moving = state_ == SessionState::kRecording || state_ == SessionState::kPaused;
  switch (event) {
    case SessionEvent::kStart:
      return start();
    case SessionEvent::kEnd:
      if (!moving) return refused(live ? "the episode is over: save or discard it" : "nothing to end yet");
      return answer(SessionAction::kEnd, SessionState::kEnded, "episode over: save or discard it");
    case SessionEvent::kSaveSuccess:
    case SessionEvent::kSaveFailure:
      if (!live) return refused("nothing to save yet: press start");
      return save(event == SessionEvent::kSaveSuccess);
    case SessionEvent::kDiscard:
      if (!live) return refused("nothing to discard");
      ++discards_;
      return answer(SessionAction::kDiscard, SessionState::kReady, "discarded");
    case SessionEvent::kUndo:
      if (live) return refused("save or discard this episode first");
      if (saved_ == 0) return refused("nothing saved in this session to take back");
      --saved_;
      ++undone_;
      return answer(SessionAction::kUndo, SessionState::kReady, "the last episode was taken back");
    case SessionEvent::kBack:
      return back(time);
    case SessionEvent::kStop:
      return answer(SessionAction::kStop, SessionState::kStopped, "");
    case SessionEvent::kEpisodeOver:
      if (!moving) return SessionAction::kNone;
      return answer(SessionAction::kEnd, SessionState::kEnded, "episode over: save or discard it");
    case SessionEvent::kDeviceLost:
      device_present_ = false;
      if (state_ == SessionState::kRecording) {
        return answer(SessionAction::kPause, SessionState::kPaused,
                      "controller lost: plug it in again, then press start", true);
      }
      return answer(SessionAction::kNone, state_, "controller lost: plug it in again", true);
    case SessionEvent::kDeviceBack:
      device_present_ = true;
      return answer(SessionAction::kNone, state_,
                    state_ == SessionState::kPaused ? "controller is back: press start to go on"
                                                    : "controller is back");
  }
  return SessionAction::kNone;
}

SessionAction Session::start() {
  if (!device_present_) return refused("controller lost: plug it in again first");
  switch (state_) {
    case SessionState::kReady:
      steps_ = 0;
      return answer(SessionAction::kBegin, SessionState::kRecording, "");
    case SessionState::kRecording:
      return answer(SessionAction::kPause, SessionState::kPaused, "paused: press start to go on");
    case SessionState::kPaused:
      return answer(SessionAction::kResume, SessionState::kRecording, "");
    default:
      return refused("the episode is over: save or discard it");
  }
}

SessionAction Session::save(bool success) {
  if (steps_ == 0) {
    ++discards_;
    return answer(SessionAction::kDiscard, SessionState::kReady, "nothing was recorded yet: discarded", true);
  }
  ++saved_;
  ++(success ? successes_ : failures_);
  const SessionAction action = success ? SessionAction::kSaveSuccess : SessionAction::kSaveFailure;
  const bool done = goal_ > 0 && saved_ >= goal_;
  return answer(action, done ? SessionState::kStopped : SessionState::kReady,
                success ? "saved as success" : "saved as failure");
}

SessionAction Session::back(double time) {
  if (state_ == SessionState::kRecording) {
    return answer(SessionAction::kPause, SessionState::kPaused, "paused: press start to go on");
  }
  if (time - asked_at_ <= kAskTime) return answer(SessionAction::kStop, SessionState::kStopped, "");
  asked_at_ = time;
  return answer(SessionAction::kAsk, state_, "press back again to stop", true);
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
    case Function::kUndo:
      return SessionEvent::kUndo;
    case Function::kBack:
      return SessionEvent::kBack;
    case Function::kStop:
      return SessionEvent::kStop;
    case Function::kNone:
    case Function::kPrecision:
    case Function::kCamera:
    case Function::kSecondView:
    case Function::kHelp:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace understudy
