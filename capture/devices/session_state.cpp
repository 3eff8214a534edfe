#include "capture/devices/session_state.h"

namespace understudy {

const char* name_of(SessionState state) {
  switch (state) {
    case SessionState::kReady:
      return "ready";
    case SessionState::kRecording:
      return "recording";
    case SessionState::kPaused:
      return "paused";
    case SessionState::kEnded:
      return "judge";
    case SessionState::kStopped:
      return "stopped";
  }
  return "";
}

}  // namespace understudy
