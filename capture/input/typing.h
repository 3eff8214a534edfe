#pragma once
/// \file Keys that write instead of calling functions, while the operator puts a note.

#include <string>

#include "capture/input/input_events.h"

namespace understudy {

class Typing {
 public:
  /// Switches it on or off; what was typed before is forgotten.
  void set(bool on);
  /// True when the event is part of what is written, and nobody else's business; releases of keys are.
  bool take(const InputEvent& event);
  /// What was written since the last time; "\\b" takes a letter back, "\\n" ends.
  std::string take();

 private:
  bool on_ = false;
  std::string text_;
};

}  // namespace understudy
