// The binding table: presets, actions and their inverse, help.

#include "capture/input/bindings.h"

#include <algorithm>

#include "capture/input/binding_file.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

const Space kDrive({{"steer", 1, "-", -1, 1, ""}, {"throttle", 1, "-", -1, 1, ""}});
std::string binding_refusal(const std::string& row, const Space& action) {
  try {
    parse_binding("[pad]\n" + row + "\n", "text", action, "joint");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

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
    CHECK(function_of(binding, PadButton::kRightShoulder) == Function::kTakeOver);
    CHECK(function_of(binding, PadButton::kLeftStick) == Function::kCheckpoint);
    CHECK(function_of(binding, PadButton::kRightStick) == Function::kRewind);
    CHECK(function_of(binding, PadButton::kStart, true) == Function::kReplay);
    CHECK(function_of(binding, PadButton::kGuide) == Function::kNone);
    CHECK(function_of(binding, "tab") == Function::kTakeOver);
    CHECK(function_of(binding, "space") == Function::kStart);
    CHECK(function_of(binding, "return") == Function::kSaveSuccess);
    CHECK(function_of(binding, "escape") == Function::kStop);
    CHECK_NOTHROW(validate(binding, layout));
  }
}

TEST_CASE("every layout calls every function of the session by the same keys, all of them by some") {
  const Binding first = make_binding(layout_names().front(), kDrive);
  for (const std::string& layout : layout_names()) {
    const Binding binding = make_binding(layout, kDrive);
    for (std::size_t i = 1; i < kFunctions; ++i) {
      const auto function = static_cast<Function>(i);
      // Start and escape do what two of them do, and only one layout has groups.
      if (function == Function::kPause || function == Function::kBack || function == Function::kGroup)
        continue;
      CAPTURE(layout, name_of(function));
      CHECK_FALSE(key_of(binding, function).empty());
      CHECK(key_of(binding, function) == key_of(first, function));
    }
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

TEST_CASE("the joint layout moves any number of joints, two at a time, and comes back from its text") {
  const Space joints({{"joint", 17, "-", -1, 1, ""}});
  const Binding binding = make_binding("joint", joints);
  CHECK_NOTHROW(validate(binding, "joint"));
  CHECK(unmoved_entries(binding, false, "joint").empty());
  CHECK(unmoved_entries(binding, true, "joint").empty());
  REQUIRE(group_count(binding) == 9);
  CHECK(group_text(binding, 3) == "joint[6], joint[7]");
  CHECK(parse_binding(to_text(binding), "text", joints, "default") == binding);
  ControlState controls;
  controls[AnalogControl::kLeftStickY] = 0.5;
  controls[AnalogControl::kRightStickY] = -1;
  controls.group = 3;
  Vector wanted = Vector::Zero(17);
  wanted[6] = 0.5F;
  wanted[7] = -1;
  CHECK(action_of(binding, controls) == wanted);
  controls.group = 8;  // of one joint
  wanted.setZero();
  wanted[16] = 0.5F;
  CHECK(action_of(binding, controls) == wanted);
  CHECK(binding_refusal("left_stick_y = [\"joint[0]\", 3]", joints).find("want a quoted text") !=
        std::string::npos);
}

TEST_CASE("an unknown layout names the nearest and the known") {
  CHECK_THROWS_WITH(make_binding("driv", kDrive),
                    ContainsSubstring("'drive'") && ContainsSubstring("default, joint, drive"));
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
  CHECK(has(pad, "Back + start", meaning_of(Function::kReplay)));
  CHECK(pad_control_of(binding, Function::kStart) == "start");
  CHECK(key_of(binding, Function::kStart) == "space");
  CHECK(key_of(binding, Function::kCheckpoint, [](const std::string& key) { return "<" + key + ">"; }) ==
        "<m>");
  CHECK(has(keys, "D / A", "right / left"));
  CHECK(has(keys, "left, R (hold 0.5 s)", meaning_of(Function::kDiscard)));
}

TEST_CASE("a table with which no session could begin or end is refused, for the device in hand") {
  Binding binding = make_binding("drive", kDrive);
  CHECK_NOTHROW(want_usable(binding, false, "here"));
  CHECK_NOTHROW(want_usable(binding, true, "here"));
  std::erase_if(binding.keys, [](const KeyRow& row) { return row.function == Function::kStart; });
  CHECK_NOTHROW(want_usable(binding, false, "here"));
  CHECK_THROWS_WITH(want_usable(binding, true, "here"),
                    "here: want a key that calls 'start', found none; bind one under [keys]");
  std::erase_if(binding.buttons, [](const ButtonRow& row) {
    return row.function == Function::kSaveSuccess || row.function == Function::kSaveFailure;
  });
  CHECK_THROWS_WITH(want_usable(binding, false, "here"), ContainsSubstring("'save_success'"));
}

TEST_CASE("an entry of the action that nothing moves is named, one that keys move one way only too") {
  Binding binding = make_binding("drive", kDrive);
  CHECK(unmoved_entries(binding, false, "here").empty());
  CHECK(unmoved_entries(binding, true, "here").empty());
  std::erase_if(binding.keys, [](const KeyRow& row) { return row.key == "s"; });  // the brake
  CHECK(unmoved_entries(binding, false, "here").empty());
  REQUIRE(unmoved_entries(binding, true, "here").size() == 1);
  CHECK_THAT(unmoved_entries(binding, true, "here")[0],
             ContainsSubstring("'throttle' is moved one way only"));
  std::erase_if(binding.analog, [](const AnalogRow& row) { return row.entry == 1; });
  REQUIRE(unmoved_entries(binding, false, "here").size() == 1);
  CHECK_THAT(unmoved_entries(binding, false, "here")[0],
             ContainsSubstring("here: action entry 'throttle' is moved by no control"));
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
