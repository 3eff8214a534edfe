#pragma once
/// \file How far a recording session is: what every device is told, and what the session decides.

namespace understudy {

enum class SessionState {
  kReady,      ///< the task is reset and waits for start
  kRecording,  ///< every tick is one step of the episode
  kPaused,     ///< the simulation stands still
  kEnded,      ///< the episode is over and waits for the operator's verdict
  kStopped,    ///< the session is over
};
/// As the operator reads it: "ready", "recording", "paused", "judge", "stopped".
const char* name_of(SessionState state);

}  // namespace understudy
