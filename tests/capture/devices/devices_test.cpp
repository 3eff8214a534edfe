// Gamepad through SDL's virtual controller, keyboard through SDL's event queue, calibration.

#include <SDL.h>

#include <cmath>
#include <cstring>

#include "capture/devices/gamepad.h"
#include "capture/devices/keyboard.h"
#include "capture/input/calibration.h"
#include "capture/input/virtual_pad.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

const Space kDrive({{"steer", 1, "-", -1, 1, ""}, {"throttle", 1, "-", -1, 1, ""}});

template <class AnyDevice>
void poll(AnyDevice& device, double time) {
  static const Vector nothing;
  device.poll({SessionState::kRecording, time, &nothing, false});
}

template <class AnyDevice>
Matrix action_of_device(AnyDevice& device) {
  Matrix action(1, 2);
  device.act(Matrix::Zero(1, 1), action);
  return action;
}

void push_key(SDL_Keycode code, bool down) {
  SDL_Event event;
  std::memset(&event, 0, sizeof event);
  event.type = down ? SDL_KEYDOWN : SDL_KEYUP;
  event.key.keysym.sym = code;
  event.key.keysym.scancode = SDL_GetScancodeFromName(SDL_GetKeyName(code));
  SDL_PushEvent(&event);
}

TEST_CASE("an action survives the virtual pad, 16 bits and all, to one part in ten thousand") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  Rng rng(4);
  for (int i = 0; i < 200; ++i) {
    Vector wanted(2);
    wanted << static_cast<float>(rng.uniform(-1, 1)), static_cast<float>(rng.uniform(-1, 1));
    const Binding& binding = gamepad.binding();
    virtual_pad.set(unshape(controls_of(binding, wanted), binding.response));
    poll(gamepad, i);
    const Matrix got = action_of_device(gamepad);
    CHECK((got.row(0).transpose() - wanted).cwiseAbs().maxCoeff() < 1e-4F);
  }
}

TEST_CASE("what a hand asks for is turned to the task's axes, and its raw reading is not") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  Keyboard keyboard(events, make_binding("drive", kDrive));
  const auto quarter = [](VectorRef action) {
    const Vector before = action;
    action << -before[1], before[0];
  };
  gamepad.turn_actions(quarter);
  keyboard.turn_actions(quarter);
  PadPosition position;
  position[PadAxis::kLeftX] = 1;
  virtual_pad.set(position);
  poll(gamepad, 1);
  CHECK(action_of_device(gamepad)(0, 0) == 0);
  CHECK(action_of_device(gamepad)(0, 1) == 1);
  CHECK(gamepad.raw().axes[0] == 1);
  poll(keyboard, 1);
  push_key(SDLK_d, true);
  poll(keyboard, 2);
  push_key(SDLK_d, false);
  CHECK(action_of_device(keyboard)(0, 1) == 1);
  gamepad.turn_actions({});
  CHECK(action_of_device(gamepad)(0, 0) == 1);
}

TEST_CASE("every 16-bit position comes back from the virtual pad as it went in") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  for (int code = 0; code <= 32767; code += 151) {
    PadPosition position;
    position[PadAxis::kLeftX] = code / 32767.0;
    position[PadAxis::kRightY] = -code / 32767.0;
    position[PadAxis::kLeftTrigger] = code / 32767.0;
    position[PadAxis::kRightTrigger] = (32767 - code) / 32767.0;
    virtual_pad.set(position);
    poll(gamepad, code);
    CHECK(gamepad.position().axes == position.axes);
  }
}

TEST_CASE("the raw reading holds every axis and button as SDL reports them") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  PadPosition position;
  position[PadAxis::kLeftY] = 1;
  position[PadButton::kLeftShoulder] = true;
  virtual_pad.set(position);
  poll(gamepad, 2.5);
  const RawInput& raw = gamepad.raw();
  REQUIRE(raw.axes.size() == kPadAxes);
  REQUIRE(raw.buttons.size() == kPadButtons);
  CHECK(raw.axes[1] == 1.0F);
  CHECK(raw.axes[0] == 0.0F);
  CHECK(raw.buttons[static_cast<std::size_t>(PadButton::kLeftShoulder)] == 1.0F);
  CHECK(raw.buttons[static_cast<std::size_t>(PadButton::kA)] == 0.0F);
  CHECK(raw.time == 2.5);
}

TEST_CASE("buttons call their functions, a tap between two polls included, and holds must last") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  PadPosition position;
  poll(gamepad, 0);
  CHECK(gamepad.take_functions().empty());

  position[PadButton::kStart] = true;
  virtual_pad.set(position);
  SDL_GameControllerUpdate();
  virtual_pad.set({});
  poll(gamepad, 1);
  CHECK(gamepad.take_functions() == std::vector<Function>{Function::kStart});

  position = {};
  position[PadButton::kX] = true;
  virtual_pad.set(position);
  poll(gamepad, 2.0);
  poll(gamepad, 2.4);
  CHECK(gamepad.take_functions().empty());
  poll(gamepad, 2.5);
  CHECK(gamepad.take_functions() == std::vector<Function>{Function::kDiscard});
}

TEST_CASE("start while back is down replays, and back then takes nothing back, however long it is held") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  PadPosition position;
  poll(gamepad, 0);
  position[PadButton::kBack] = true;
  virtual_pad.set(position);
  poll(gamepad, 1);
  position[PadButton::kStart] = true;
  virtual_pad.set(position);
  poll(gamepad, 1.2);
  CHECK(gamepad.take_functions() == std::vector<Function>{Function::kReplay});
  position[PadButton::kBack] = false;
  virtual_pad.set(position);
  poll(gamepad, 2);
  position[PadButton::kStart] = false;
  virtual_pad.set(position);
  poll(gamepad, 3);
  CHECK(gamepad.take_functions().empty());
  CHECK_FALSE(gamepad.held(Function::kReplay));
  position[PadButton::kStart] = true;  // alone again
  virtual_pad.set(position);
  poll(gamepad, 4);
  CHECK(gamepad.take_functions() == std::vector<Function>{Function::kStart});
}

TEST_CASE("precision on the shoulder button quarters the action while held") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  PadPosition position;
  position[PadAxis::kLeftX] = 1;
  position[PadButton::kLeftShoulder] = true;
  virtual_pad.set(position);
  poll(gamepad, 0);
  CHECK(action_of_device(gamepad)(0, 0) == 0.25F);
  position[PadButton::kLeftShoulder] = false;
  virtual_pad.set(position);
  poll(gamepad, 1);
  CHECK(action_of_device(gamepad)(0, 0) == 1.0F);
}

TEST_CASE("a press moves the sticks on to the next joints, round and round, and the pad says which") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("joint", Space({{"joint", 3, "-", -1, 1, ""}})),
                  virtual_pad.instance());
  PadPosition position;
  position[PadAxis::kLeftY] = -1;
  Matrix action(1, 3);
  for (const int moved : {0, 2, 0}) {
    virtual_pad.set(position);
    poll(gamepad, 0);
    gamepad.act(Matrix::Zero(1, 1), action);
    for (int i = 0; i < 3; ++i) CHECK(action(0, i) == (i == moved ? 1.0F : 0.0F));
    CHECK_THAT(gamepad.description(),
               ContainsSubstring(moved == 0 ? "moving joint[0], joint[1]" : "moving joint[2]"));
    position[PadButton::kDpadRight] = true;
    virtual_pad.set(position);
    poll(gamepad, 0);
    gamepad.take_functions();
    position[PadButton::kDpadRight] = false;
  }
}

TEST_CASE("an unplugged pad acts zero and is taken up again when it comes back") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("drive", kDrive));
  PadPosition position;
  position[PadAxis::kLeftX] = 1;
  position[PadAxis::kRightTrigger] = 1;
  virtual_pad.set(position);
  poll(gamepad, 0);
  REQUIRE(action_of_device(gamepad)(0, 0) == 1.0F);

  virtual_pad.unplug();
  poll(gamepad, 1);
  CHECK_FALSE(gamepad.connected());
  CHECK(action_of_device(gamepad).isZero());
  CHECK(gamepad.raw().axes == std::vector<float>(kPadAxes, 0.0F));

  virtual_pad.plug_in();
  virtual_pad.set(position);
  poll(gamepad, 2);
  CHECK(gamepad.connected());
  poll(gamepad, 3);
  CHECK(action_of_device(gamepad)(0, 0) == 1.0F);
}

TEST_CASE("without a pad there is one line that says what to do") {
  InputEvents events;
  CHECK_THROWS_WITH(Gamepad(events, make_binding("drive", kDrive), 12345),
                    ContainsSubstring("no gamepad found") && ContainsSubstring("--device keyboard"));
}

TEST_CASE("a virtual pad is listed as a game controller with a mapping") {
  InputEvents events;
  const VirtualPad virtual_pad(events);
  const auto controllers = list_controllers(events);
  REQUIRE_FALSE(controllers.empty());
  const ControllerInfo& last = controllers.back();
  CHECK(last.is_virtual);
  CHECK(last.game_controller);
  CHECK_THAT(last.mapping, ContainsSubstring("leftx:a0"));
}

TEST_CASE("a key ramps its control to full deflection and back") {
  InputEvents events;
  Keyboard keyboard(events, make_binding("drive", kDrive));
  poll(keyboard, 0);
  push_key(SDLK_d, true);
  poll(keyboard, 0.1);  // half of the ramp of 0.2 s
  CHECK(action_of_device(keyboard)(0, 0) == Approx(0.5));
  poll(keyboard, 0.4);
  CHECK(action_of_device(keyboard)(0, 0) == Approx(1.0));
  push_key(SDLK_a, true);  // both: they cancel
  poll(keyboard, 1.0);
  CHECK(action_of_device(keyboard)(0, 0) == Approx(0.0));
  push_key(SDLK_d, false);
  poll(keyboard, 1.1);
  CHECK(action_of_device(keyboard)(0, 0) == Approx(-0.5));
  push_key(SDLK_a, false);
  poll(keyboard, 2.0);
  CHECK(action_of_device(keyboard).isZero());
}

TEST_CASE("keys call functions and closing the window stops") {
  InputEvents events;
  Keyboard keyboard(events, make_binding("drive", kDrive));
  push_key(SDLK_SPACE, true);
  push_key(SDLK_SPACE, false);
  poll(keyboard, 0);
  CHECK(keyboard.take_functions() == std::vector<Function>{Function::kStart});
  SDL_Event quit;
  std::memset(&quit, 0, sizeof quit);
  quit.type = SDL_QUIT;
  SDL_PushEvent(&quit);
  poll(keyboard, 1);
  CHECK(keyboard.take_functions() == std::vector<Function>{Function::kStop});
}

TEST_CASE("a window that loses the focus asks for a pause, whatever the device") {
  InputEvents events;
  VirtualPad virtual_pad(events);
  Keyboard keyboard(events, make_binding("drive", kDrive));
  Gamepad gamepad(events, make_binding("drive", kDrive), virtual_pad.instance());
  for (Device* device : {static_cast<Device*>(&keyboard), static_cast<Device*>(&gamepad)}) {
    SDL_Event lost;
    std::memset(&lost, 0, sizeof lost);
    lost.type = SDL_WINDOWEVENT;
    lost.window.event = SDL_WINDOWEVENT_FOCUS_LOST;
    SDL_PushEvent(&lost);
    const Vector nothing;
    device->poll({SessionState::kRecording, 0, &nothing, false});
    CHECK(device->take_functions() == std::vector<Function>{Function::kPause});
  }
}

TEST_CASE("while a note is typed keys write, and call nothing until it has ended") {
  InputEvents events;
  Keyboard keyboard(events, make_binding("drive", kDrive));
  keyboard.set_typing(true);
  const auto write = [](const char* text) {
    SDL_Event event;
    std::memset(&event, 0, sizeof event);
    event.type = SDL_TEXTINPUT;
    SDL_strlcpy(event.text.text, text, sizeof event.text.text);
    SDL_PushEvent(&event);
  };
  push_key(SDLK_r, true);
  write("r\xC3\xA9");
  push_key(SDLK_r, false);
  push_key(SDLK_BACKSPACE, true);
  push_key(SDLK_BACKSPACE, false);
  push_key(SDLK_RETURN, true);
  push_key(SDLK_RETURN, false);
  poll(keyboard, 0);
  poll(keyboard, 5);
  CHECK(keyboard.take_text() == "r\xC3\xA9\b\n");
  CHECK(keyboard.take_functions().empty());
  keyboard.set_typing(false);
  push_key(SDLK_RETURN, true);
  write("x");
  poll(keyboard, 6);
  CHECK(keyboard.take_text().empty());
  CHECK(keyboard.take_functions() == std::vector<Function>{Function::kSaveSuccess});
}

TEST_CASE("keys are labelled as the keyboard in use prints them") {
  CHECK(key_label("w") == "W");
  CHECK(key_label("return") == "Return");
}

TEST_CASE("the dead zone of a noisy stick is its mean radius plus six sigma") {
  std::vector<PadPosition> readings(2);
  readings[0][PadAxis::kLeftX] = 0.03;
  readings[0][PadAxis::kLeftY] = 0.04;  // radius 0.05
  readings[1][PadAxis::kLeftX] = 0.07;  // radius 0.07: mean 0.06, deviation 0.01 * sqrt(2)
  const Calibration calibration = calibrate(readings);
  CHECK(calibration.left_stick.mean == Approx(0.06));
  CHECK(calibration.left_stick.deviation == Approx(0.01 * std::sqrt(2.0)));
  const Response response = with_dead_zones(Response{}, calibration);
  CHECK(response.stick_dead_zone == Approx(0.06 + 0.06 * std::sqrt(2.0)));
  CHECK(response.trigger_dead_zone == 0.02);  // noiseless: the least there is
}

TEST_CASE("a stick that is held while calibrating is refused") {
  std::vector<PadPosition> readings(3);
  readings[1][PadAxis::kRightX] = -0.9;
  CHECK_THROWS_WITH(calibrate(readings),
                    ContainsSubstring("right stick: want it at rest") && ContainsSubstring("0.90"));
  CHECK_THROWS_WITH(calibrate({}), ContainsSubstring("at least 2 readings"));
}

}  // namespace
}  // namespace understudy::tests
