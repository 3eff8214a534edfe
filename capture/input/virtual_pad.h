#pragma once
/// \file SDL's virtual controller: to every reader it looks like a pad on a cable.

#include "capture/input/controls.h"
#include "capture/input/input_events.h"

namespace understudy {

/// Plugged in from construction to destruction (or `unplug`). Axes are 16-bit integers as on a real pad.
class VirtualPad {
 public:
  /// Throws Error when this SDL has no virtual controllers.
  explicit VirtualPad(InputEvents& events);
  ~VirtualPad();
  VirtualPad(const VirtualPad&) = delete;
  VirtualPad& operator=(const VirtualPad&) = delete;

  /// Moves sticks, triggers and buttons; readers see it at their next poll.
  void set(const PadPosition& position);
  void unplug();
  void plug_in();

  bool plugged_in() const { return instance_ >= 0; }
  /// SDL's instance id; changes with every plugging-in.
  int instance() const { return instance_; }

 private:
  void* joystick_ = nullptr;  ///< SDL_Joystick, held open so that its state can be set
  int instance_ = -1;
  int trigger_rest_ = 0;  ///< raw axis value at which a released trigger reads zero
};

}  // namespace understudy
