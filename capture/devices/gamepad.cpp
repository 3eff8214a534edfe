#include "capture/devices/gamepad.h"

#include <SDL.h>

#include <algorithm>

#include "capture/devices/rumbler.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kFullScale = 32767;

static_assert(static_cast<int>(PadButton::kDpadRight) == SDL_CONTROLLER_BUTTON_DPAD_RIGHT);
static_assert(static_cast<int>(PadButton::kLeftShoulder) == SDL_CONTROLLER_BUTTON_LEFTSHOULDER);
static_assert(static_cast<int>(PadAxis::kRightTrigger) == SDL_CONTROLLER_AXIS_TRIGGERRIGHT);

SDL_GameController* sdl(void* controller) {
  return static_cast<SDL_GameController*>(controller);
}

std::string nothing_found() {
  for (int i = 0; i < SDL_NumJoysticks(); ++i) {
    if (SDL_IsGameController(i) == SDL_TRUE) continue;
    const char* name = SDL_JoystickNameForIndex(i);
    return std::string("no gamepad: SDL has no mapping for joystick '") +
           (name != nullptr ? name : "unnamed") +
           "'; put one into SDL_GAMECONTROLLERCONFIG, or use --device keyboard";
  }
  return "no gamepad found: plug one in (check with `understudy devices`), or use --device keyboard "
         "or "
         "--device synthetic";
}

}  // namespace

void want_gamepad(const InputEvents&) {
  SDL_GameControllerUpdate();
  for (int i = 0; i < SDL_NumJoysticks(); ++i) {
    if (SDL_IsGameController(i) == SDL_TRUE) return;
  }
  throw Error(nothing_found());
}

void Gamepad::Closer::operator()(void* controller) const {
  SDL_GameControllerClose(sdl(controller));
}

Gamepad::Gamepad(InputEvents& events, Binding binding, std::optional<int> instance)
    : events_(&events),
      binding_(std::move(binding)),
      wanted_(instance),
      functions_(binding_.response.hold),
      rumbler_(std::make_unique<Rumbler>()) {
  raw_.axes.assign(kPadAxes, 0.0F);
  raw_.buttons.assign(kPadButtons, 0.0F);
  SDL_GameControllerUpdate();
  if (!open_any()) throw Error(nothing_found());
}

Gamepad::~Gamepad() = default;

bool Gamepad::open_any() {
  for (int i = 0; i < SDL_NumJoysticks(); ++i) {
    if (SDL_IsGameController(i) != SDL_TRUE) continue;
    if (wanted_ && SDL_JoystickGetDeviceInstanceID(i) != *wanted_) continue;
    controller_.reset(SDL_GameControllerOpen(i));
    if (!controller_) continue;
    instance_ = SDL_JoystickInstanceID(SDL_GameControllerGetJoystick(sdl(controller_.get())));
    const char* name = SDL_GameControllerName(sdl(controller_.get()));
    name_ = name != nullptr ? name : "game controller";
    return true;
  }
  return false;
}

void Gamepad::handle(const InputEvent& event, double time) {
  switch (event.kind) {
    case InputKind::kButton:
      if (event.instance != instance_ || event.button >= static_cast<int>(kPadButtons)) return;
      press(static_cast<PadButton>(event.button), event.down, time);
      return;
    case InputKind::kKey:
      functions_.set(function_of(binding_, event.key), event.down, time);
      return;
    case InputKind::kFocusLost:
      functions_.tap(Function::kPause);
      return;
    case InputKind::kQuit:
      functions_.tap(Function::kStop);
      return;
    case InputKind::kText:
    case InputKind::kDeviceAdded:
    case InputKind::kDeviceRemoved:
      return;  // asked for directly at every poll
  }
}

void Gamepad::press(PadButton button, bool down, double time) {
  Function& pressed = pressed_[static_cast<std::size_t>(button)];
  if (down) {
    pressed = function_of(binding_, button);
    const Function back = pressed_[static_cast<std::size_t>(PadButton::kBack)];
    const Function with_back = function_of(binding_, button, true);
    if (back_down_ && button != PadButton::kBack && with_back != Function::kNone) {
      functions_.cancel(back);
      pressed = with_back;
    }
  }
  if (button == PadButton::kBack) back_down_ = down;
  functions_.set(pressed, down, time);
}

std::string Gamepad::control_of(Function function) const {
  const std::string control = pad_control_of(binding_, function);
  return control.empty() ? key_of(binding_, function, key_label) : control;
}

void Gamepad::poll(const OperatorView& view) {
  for (const InputEvent& event : events_->poll()) {
    if (!typing_.take(event)) handle(event, view.time);
  }
  if (controller_ && SDL_GameControllerGetAttached(sdl(controller_.get())) != SDL_TRUE) {
    controller_.reset();
    instance_ = -1;
    back_down_ = false;
    functions_.release_all();
  }
  if (!controller_) open_any();
  read(view.time);
  functions_.advance(view.time);
}

void Gamepad::read(double time) {
  raw_.time = time;
  position_ = {};
  std::fill(raw_.axes.begin(), raw_.axes.end(), 0.0F);
  std::fill(raw_.buttons.begin(), raw_.buttons.end(), 0.0F);
  if (!controller_) return;
  for (std::size_t i = 0; i < kPadAxes; ++i) {
    const auto value =
        SDL_GameControllerGetAxis(sdl(controller_.get()), static_cast<SDL_GameControllerAxis>(i));
    position_.axes[i] = std::max(-1.0, value / kFullScale);
    raw_.axes[i] = static_cast<float>(position_.axes[i]);
  }
  for (std::size_t i = 0; i < kPadButtons; ++i) {
    position_.buttons[i] =
        SDL_GameControllerGetButton(sdl(controller_.get()), static_cast<SDL_GameControllerButton>(i)) != 0;
    raw_.buttons[i] = position_.buttons[i] ? 1.0F : 0.0F;
  }
}

void Gamepad::rumble(RumbleKind kind) {
  if (controller_) rumbler_->play(instance_, kind);
}

std::vector<Function> Gamepad::take_functions() {
  std::vector<Function> functions = functions_.take();
  const auto presses = std::count(functions.begin(), functions.end(), Function::kGroup);
  group_ = (group_ + static_cast<int>(presses)) % group_count(binding_);
  return functions;
}

std::string Gamepad::description() const {
  const std::string name = name_;
  return group_count(binding_) == 1 ? name : name + ", moving " + group_text(binding_, group_);
}

void Gamepad::reset(int, std::uint64_t) {}

void Gamepad::act(ConstMatrixRef, MatrixRef actions) {
  ControlState controls = shape(position_, binding_.response);
  controls.precision = functions_.held(Function::kPrecision);
  controls.group = group_;
  actions.row(0) = turned(action_of(binding_, controls)).transpose();
}

}  // namespace understudy
