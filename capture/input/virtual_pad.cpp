#include "capture/input/virtual_pad.h"

#include <SDL.h>

#include <cmath>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kLeftTriggerAxis = SDL_CONTROLLER_AXIS_TRIGGERLEFT;
constexpr Sint16 kProbe = 8192;  ///< a position whose reading tells a two-sided axis from a one-sided one
constexpr int kProbeReading = 14000;  ///< between 8192 (one-sided) and 20479 (two-sided, halved)

SDL_Joystick* sdl(void* joystick) {
  return static_cast<SDL_Joystick*>(joystick);
}

bool is_trigger(std::size_t axis) {
  return axis == static_cast<std::size_t>(PadAxis::kLeftTrigger) ||
         axis == static_cast<std::size_t>(PadAxis::kRightTrigger);
}

}  // namespace

VirtualPad::VirtualPad(InputEvents&) {
  plug_in();
}

VirtualPad::~VirtualPad() {
  unplug();
}

void VirtualPad::plug_in() {
  if (plugged_in()) return;
  const int index = SDL_JoystickAttachVirtual(SDL_JOYSTICK_TYPE_GAMECONTROLLER, SDL_CONTROLLER_AXIS_MAX,
                                              SDL_CONTROLLER_BUTTON_MAX, 0);
  if (index < 0) throw Error(std::string("SDL has no virtual controller: ") + SDL_GetError());
  instance_ = SDL_JoystickGetDeviceInstanceID(index);
  joystick_ = SDL_JoystickOpen(index);
  if (joystick_ == nullptr || SDL_IsGameController(index) != SDL_TRUE) {
    const std::string why = SDL_GetError();
    unplug();
    throw Error("SDL's virtual controller does not work: " + why);
  }
  // Versions of SDL may differ in how an axis becomes a trigger: ask this one.
  SDL_GameController* probe = SDL_GameControllerOpen(index);
  SDL_JoystickSetVirtualAxis(sdl(joystick_), kLeftTriggerAxis, kProbe);
  SDL_GameControllerUpdate();
  const auto axis = static_cast<SDL_GameControllerAxis>(kLeftTriggerAxis);
  const bool two_sided = SDL_GameControllerGetAxis(probe, axis) > kProbeReading;
  SDL_GameControllerClose(probe);
  trigger_rest_ = two_sided ? SDL_JOYSTICK_AXIS_MIN : 0;
  set({});
}

void VirtualPad::unplug() {
  if (!plugged_in()) return;
  if (joystick_ != nullptr) SDL_JoystickClose(sdl(joystick_));
  joystick_ = nullptr;
  // Indices move when other controllers come and go; the instance id does not.
  for (int i = 0; i < SDL_NumJoysticks(); ++i) {
    if (SDL_JoystickGetDeviceInstanceID(i) == instance_) {
      SDL_JoystickDetachVirtual(i);
      break;
    }
  }
  instance_ = -1;
}

void VirtualPad::set(const PadPosition& position) {
  if (!plugged_in()) return;
  for (std::size_t i = 0; i < kPadAxes; ++i) {
    long code = std::lround(position.axes[i] * SDL_JOYSTICK_AXIS_MAX);
    // A two-sided axis is halved by SDL: twice the code and one more comes out as the code again.
    if (is_trigger(i) && trigger_rest_ != 0) code = trigger_rest_ + 2 * code + (code > 0 ? 1 : 0);
    SDL_JoystickSetVirtualAxis(sdl(joystick_), static_cast<int>(i), static_cast<Sint16>(code));
  }
  for (std::size_t i = 0; i < kPadButtons; ++i) {
    SDL_JoystickSetVirtualButton(sdl(joystick_), static_cast<int>(i), position.buttons[i] ? 1 : 0);
  }
}

}  // namespace understudy
