// Binding tables as text: round trips, and what a wrong file is told.

#include <fstream>

#include "capture/input/binding_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

const Space kDrive({{"steer", 1, "-", -1, 1, ""}, {"throttle", 1, "-", -1, 1, ""}});

Binding parse(const std::string& text) {
  return parse_binding(text, "my.toml", kDrive, "drive");
}

std::string refusal(const std::string& text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a table comes back from its text exactly, whatever was changed") {
  Binding binding = make_binding("drive", kDrive);
  CHECK(parse(to_text(binding)) == binding);
  binding.response.stick_dead_zone = 0.0731234567891234;
  binding.response.hold = 0.1;
  binding.analog = {{AnalogControl::kRightStickX, 0, true}};  // throttle is not bound any more
  binding.buttons.pop_back();
  binding.keys.erase(binding.keys.begin());
  binding.keys.push_back({"keypad_1", Function::kEnd, {}, 0});
  binding.keys.push_back({"'", Function::kCamera, {}, 0});
  binding.keys.push_back({"\\", Function::kCamera, {}, 0});
  CHECK(parse(to_text(binding)) == binding);
}

TEST_CASE("lines that are left out keep what the layout says") {
  const Binding preset = make_binding("drive", kDrive);
  CHECK(parse("") == preset);
  const Binding changed = parse("# mine\n[response]\nexpo = 2 # steeper\n\n[pad]\ny = \"none\"\n");
  CHECK(changed.response.expo == 2.0);
  CHECK(function_of(changed, PadButton::kY) == Function::kNone);
  CHECK(changed.analog == preset.analog);
  CHECK(changed.keys == preset.keys);
}

TEST_CASE("a row takes its action entry away from the layout's control") {
  const Binding binding = parse("[pad]\nright_stick_x = \"-steer\"\n");
  REQUIRE(binding.analog.size() == 2);
  ControlState controls;
  controls[AnalogControl::kRightStickX] = 0.5;
  controls[AnalogControl::kLeftStickX] = 0.9;
  CHECK(action_of(binding, controls)[0] == -0.5F);
}

TEST_CASE("keys push controls or call functions") {
  const Binding binding = parse("[keys]\nkeypad_6 = \"+left_stick_x\"\nspace = \"none\"\np = \"start\"\n");
  CHECK(function_of(binding, "space") == Function::kNone);
  CHECK(function_of(binding, "p") == Function::kStart);
  CHECK(binding.keys[binding.keys.size() - 2] ==
        KeyRow{"keypad_6", Function::kNone, AnalogControl::kLeftStickX, 1});
}

TEST_CASE("a button has another function while back is down, which a file can change or take away") {
  const Binding binding = parse("[pad]\n\"back+start\" = \"none\"\n\"back+b\" = \"note\"\n");
  CHECK(function_of(binding, PadButton::kStart, true) == Function::kNone);
  CHECK(function_of(binding, PadButton::kStart) == Function::kStart);
  CHECK(function_of(binding, PadButton::kB, true) == Function::kNote);
  CHECK(parse(to_text(binding)) == binding);
  CHECK_THAT(refusal("[pad]\n\"back+back\" = \"note\"\n"), ContainsSubstring("while it is down"));
}

TEST_CASE("a wrong file is told file, line, expectation, finding and the known names") {
  CHECK(refusal("\n[pad]\nleft_stick_z = \"steer\"\n")
            .starts_with("my.toml:3:1: unknown control 'left_stick_z': did you mean"));
  CHECK_THAT(refusal("[pad]\nleft_stick_x = \"stear\"\n"),
             ContainsSubstring(
                 "my.toml:2:16: unknown action entry 'stear': did you mean 'steer'? known: steer, throttle"));
  CHECK_THAT(refusal("[pad]\ny = \"save\"\n"),
             ContainsSubstring("unknown function 'save'") && ContainsSubstring("save_success"));
  CHECK_THAT(refusal("[buttons]\n"), ContainsSubstring("my.toml:1:2: unknown section 'buttons'") &&
                                         ContainsSubstring("response, pad, keys"));
  CHECK_THAT(refusal("layout = \"drove\"\n"), ContainsSubstring("did you mean 'drive'?"));
  CHECK_THAT(refusal("speed = \"drive\"\n"), ContainsSubstring("my.toml:1:1: unknown key 'speed'"));
  CHECK_THAT(refusal("[response]\nexpo = big\n"),
             ContainsSubstring("my.toml:2:8: not TOML: ") && ContainsSubstring("found 'big'"));
  CHECK_THAT(refusal("[response]\nexpo = 'big'\n"), ContainsSubstring("my.toml:2:8: expo: want a number") &&
                                                        ContainsSubstring("found the text 'big'"));
  CHECK_THAT(refusal("[pad]\ny = 1\n"), ContainsSubstring("my.toml:2:5: pad.y: want a quoted text") &&
                                            ContainsSubstring("found the number 1"));
  CHECK_THAT(refusal("[response]\nexpo = 0.5\n"),
             ContainsSubstring("my.toml:2:8: want expo in [1, 5], found 0.5"));
  CHECK_THAT(refusal("[response]\nexpi = 2\n"), ContainsSubstring("did you mean 'expo'?"));
  CHECK_THAT(refusal("[pad]\ny = start\n"), ContainsSubstring("my.toml:2:5: not TOML: "));
  CHECK_THAT(refusal("[pad]\nstart\n"), ContainsSubstring("my.toml:2:6: not TOML: "));
  CHECK_THAT(refusal("[pad]\ny = \"start\"\ny = \"end\"\n"), ContainsSubstring("my.toml:3:"));
  CHECK_THAT(refusal("[pad]\nleft_stick_x = \"steer\"\ntriggers = \"steer\"\n"),
             ContainsSubstring(
                 "my.toml:3:12: action entry 'steer' is moved by the control at my.toml:2:16 already"));
  CHECK_THAT(refusal("[pad]\nguide = \"start\"\n"), ContainsSubstring("belongs to the system"));
  CHECK_THAT(refusal("[keys]\nspacebar = \"start\"\n"),
             ContainsSubstring("my.toml:2:1: unknown key 'spacebar'"));
  CHECK_THAT(refusal("[keys]\nretrun = \"start\"\n"), ContainsSubstring("did you mean 'return'?"));
}

TEST_CASE("a saved table loads again, and an existing file is kept unless forced") {
  const TemporaryDirectory folder;
  const Binding binding = make_binding("drive", kDrive);
  save_binding(folder / "mine.toml", binding, false);
  CHECK(load_binding(folder / "mine.toml", kDrive, "default") == binding);
  CHECK_THROWS_WITH(save_binding(folder / "mine.toml", binding, false), ContainsSubstring("--force"));
  CHECK_NOTHROW(save_binding(folder / "mine.toml", binding, true));
  CHECK_THROWS_WITH(load_binding(folder / "none.toml", kDrive, "default"),
                    ContainsSubstring("none.toml: cannot read"));
  CHECK_THROWS_WITH(save_binding(folder / "no" / "where.toml", binding, false),
                    ContainsSubstring("cannot write"));
}

}  // namespace
}  // namespace understudy::tests
