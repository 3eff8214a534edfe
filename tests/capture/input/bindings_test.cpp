// The binding table: presets, actions and their inverse, help.

#include <algorithm>

#include "capture/input/bindings.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

const Space kDrive({{"steer", 1, "-", -1, 1, ""}, {"throttle", 1, "-", -1, 1, ""}});
const Space kReach({{"dx", 1, "-", -1, 1, ""}, {"dy", 1, "-", -1, 1, ""}, {"dz", 1, "-", -1, 1, ""}});

TEST_CASE("the drive preset steers with the left stick and puts throttle on RT, brake on LT") {
  const Binding binding = make_binding("drive", kDrive);
  ControlState controls;
  controls[AnalogControl::kLeftStickX] = 0.5;
  controls[AnalogControl::kTriggers] = -0.25;
  const Vector action = action_of(binding, controls);
  CHECK(action[0] == 0.5F);
  CHECK(action[1] == -0.25F);
}

TEST_CASE("the default preset is screen-relative: away is +x, right is -y, right stick up is +z") {
  const Binding binding = make_binding("default", kReach);
  ControlState controls;
  controls[AnalogControl::kLeftStickX] = 0.5;
  controls[AnalogControl::kLeftStickY] = 0.25;
  controls[AnalogControl::kRightStickY] = 1;
  const Vector action = action_of(binding, controls);
  CHECK(action[0] == 0.25F);
  CHECK(action[1] == -0.5F);
  CHECK(action[2] == 1.0F);
}

TEST_CASE("every preset binds the session's buttons where the teleoperation conventions want them") {
  for (const std::string& layout : layout_names()) {
    const Binding binding = make_binding(layout, kDrive);
    CHECK(function_of(binding, PadButton::kStart) == Function::kStart);
    CHECK(function_of(binding, PadButton::kY) == Function::kSaveSuccess);
    CHECK(function_of(binding, PadButton::kA) == Function::kSaveFailure);
    CHECK(function_of(binding, PadButton::kX) == Function::kDiscard);
    CHECK(function_of(binding, PadButton::kBack) == Function::kUndo);
    CHECK(function_of(binding, PadButton::kB) == Function::kBack);
    CHECK(function_of(binding, PadButton::kLeftShoulder) == Function::kPrecision);
    CHECK(function_of(binding, PadButton::kGuide) == Function::kNone);
    CHECK(function_of(binding, "space") == Function::kStart);
    CHECK(function_of(binding, "return") == Function::kSaveSuccess);
    CHECK(function_of(binding, "escape") == Function::kStop);
    CHECK_NOTHROW(validate(binding, layout));
  }
}

TEST_CASE("entries that no preset knows get a control each, and eight are one too many") {
  const Binding binding = make_binding("default", Space({{"joints", 7, "-", -1, 1, ""}}));
  CHECK(binding.analog.size() == 7);
  CHECK_NOTHROW(validate(binding, "seven"));
  CHECK(binding.entries[6] == "joints[6]");
  CHECK_THROWS_WITH(make_binding("default", Space({{"joints", 8, "-", -1, 1, ""}})),
                    ContainsSubstring("found 8"));
}

TEST_CASE("an unknown layout names the nearest and the known") {
  CHECK_THROWS_WITH(make_binding("driv", kDrive),
                    ContainsSubstring("'drive'") && ContainsSubstring("default, drive"));
  CHECK_THROWS_AS(make_binding("driv", kDrive), UsageError);
}

TEST_CASE("precision scales every entry by a quarter") {
  const Binding binding = make_binding("drive", kDrive);
  ControlState controls;
  controls[AnalogControl::kLeftStickX] = 1;
  controls[AnalogControl::kTriggers] = -1;
  controls.precision = true;
  const Vector action = action_of(binding, controls);
  CHECK(action[0] == 0.25F);
  CHECK(action[1] == -0.25F);
}

TEST_CASE("an action within reach of the pad comes back through stick positions and the table") {
  Rng rng(3);
  for (const auto& [layout, space] : {std::pair{"drive", kDrive}, std::pair{"default", kReach}}) {
    const Binding binding = make_binding(layout, space);
    for (int i = 0; i < 500; ++i) {
      Vector action(space.size());
      for (float& entry : action) entry = static_cast<float>(rng.uniform(-0.7, 0.7));
      const PadPosition position = unshape(controls_of(binding, action), binding.response);
      const Vector back = action_of(binding, shape(position, binding.response));
      CHECK((back - action).cwiseAbs().maxCoeff() < 1e-6F);
    }
  }
}

TEST_CASE("what two sticks' circles cannot reach is cut to the circle, not turned") {
  const Binding binding = make_binding("default", kReach);
  const Vector wanted = Vector::Constant(3, 1.0F);
  const Vector got =
      action_of(binding, shape(unshape(controls_of(binding, wanted), binding.response), binding.response));
  CHECK(got[0] == Approx(std::sqrt(0.5)).epsilon(1e-6));
  CHECK(got[1] == Approx(std::sqrt(0.5)).epsilon(1e-6));
  CHECK(got[2] == Approx(1.0));
}

TEST_CASE("help lists every bound control once, with the holds") {
  const Binding binding = make_binding("drive", kDrive);
  const auto pad = pad_help(binding);
  CHECK(pad.size() == binding.analog.size() + binding.buttons.size());
  const auto has = [](const auto& lines, const std::string& control, const std::string& meaning) {
    return std::count(lines.begin(), lines.end(), std::pair{control, meaning}) == 1;
  };
  CHECK(has(pad, "left stick left / right", "left / right"));
  CHECK(has(pad, "RT / LT", "throttle / brake"));
  CHECK(has(pad, "X (hold 0.5 s)", meaning_of(Function::kDiscard)));
  CHECK(has(pad, "Y", meaning_of(Function::kSaveSuccess)));
  const auto keys = keyboard_help(binding);
  CHECK(has(keys, "D / A", "right / left"));
  CHECK(has(keys, "left, R (hold 0.5 s)", meaning_of(Function::kDiscard)));
}

TEST_CASE("help calls the ways of an arm's hand as its operator sees them") {
  const Binding binding = make_binding("default", Space({{"dx", 1, "-", -1, 1, ""},
                                                         {"dy", 1, "-", -1, 1, ""},
                                                         {"dz", 1, "-", -1, 1, ""},
                                                         {"yaw", 1, "-", -1, 1, ""},
                                                         {"gripper", 1, "-", -1, 1, ""},
                                                         {"left_wheel", 1, "-", -1, 1, ""}}));
  const auto says = [](const auto& lines, const std::string& control) {
    for (const auto& [key, meaning] : lines) {
      if (key == control) return meaning;
    }
    return std::string("nothing");
  };
  const auto pad = pad_help(binding);
  CHECK(says(pad, "left stick up / down") == "forward / back");
  CHECK(says(pad, "left stick left / right") == "left / right");
  CHECK(says(pad, "right stick up / down") == "up / down");
  CHECK(says(pad, "right stick left / right") == "turn left / turn right");
  CHECK(says(pad, "RT / LT") == "close / open");
  CHECK(says(pad, "dpad left / right") == "left wheel - / left wheel +");
  const auto keys = keyboard_help(binding);
  CHECK(says(keys, "W / S") == "forward / back");
  CHECK(says(keys, "A / D") == "left / right");
  CHECK(says(keys, "E / Q") == "up / down");
}

TEST_CASE("a table that binds one thing twice is refused") {
  Binding binding = make_binding("drive", kDrive);
  SECTION("entry") {
    binding.analog.push_back({AnalogControl::kRightStickX, 0, false});
    CHECK_THROWS_WITH(validate(binding, "here"), ContainsSubstring("here: action entry 'steer'"));
  }
  SECTION("button") {
    binding.buttons.push_back({PadButton::kY, Function::kUndo});
    CHECK_THROWS_WITH(validate(binding, "here"), ContainsSubstring("button y is bound twice"));
  }
  SECTION("guide") {
    binding.buttons.push_back({PadButton::kGuide, Function::kStart});
    CHECK_THROWS_WITH(validate(binding, "here"), ContainsSubstring("belongs to the system"));
  }
  SECTION("range") {
    binding.response.expo = 9;
    CHECK_THROWS_WITH(validate(binding, "here"), ContainsSubstring("want expo in [1, 5], found 9"));
  }
}

}  // namespace
}  // namespace understudy::tests
