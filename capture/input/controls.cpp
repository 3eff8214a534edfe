#include "capture/input/controls.h"

namespace understudy {
namespace {

constexpr std::array<const char*, kAnalogControls> kAnalogNames{
    "left_stick_x", "left_stick_y", "right_stick_x", "right_stick_y", "triggers", "dpad_x", "dpad_y"};

constexpr std::array<const char*, kPadButtons> kButtonNames{"a",
                                                            "b",
                                                            "x",
                                                            "y",
                                                            "back",
                                                            "guide",
                                                            "start",  //
                                                            "left_stick",
                                                            "right_stick",
                                                            "left_shoulder",
                                                            "right_shoulder",
                                                            "dpad_up",
                                                            "dpad_down",
                                                            "dpad_left",
                                                            "dpad_right"};

struct FunctionText {
  const char* name;
  const char* meaning;
};

constexpr std::array<FunctionText, kFunctions> kFunctionTexts{{
    {"none", "nothing"},
    {"start", "start, pause, resume"},
    {"end", "end the episode, then judge it"},
    {"save_success", "end and save as success"},
    {"save_failure", "end and save as failure"},
    {"discard", "discard, same start again"},
    {"next", "another start"},
    {"undo", "take back the last saved episode"},
    {"back", "pause; pressed twice: stop"},
    {"stop", "pressed twice: stop the session"},
    {"pause", "pause"},
    {"precision", "finer control while held"},
    {"camera", "next camera"},
    {"extend", "30 s more for this episode"},
    {"checkpoint", "set a checkpoint"},
    {"rewind", "back to the checkpoint; again: the one before"},
    {"take_over", "drive in the policy's place while held; without one: next camera"},
    {"replay", "watch the last saved episode"},
    {"note", "write a note on the last saved episode"},
    {"group", "the sticks move the next joints"},
    {"second_view", "next second view, or none"},
    {"help", "this help, on and off"},
}};

template <class Array>
std::vector<std::string> list(const Array& names) {
  return {names.begin(), names.end()};
}

}  // namespace

const char* name_of(AnalogControl control) {
  return kAnalogNames[static_cast<std::size_t>(control)];
}
const char* name_of(PadButton button) {
  return kButtonNames[static_cast<std::size_t>(button)];
}
const char* name_of(Function function) {
  return kFunctionTexts[static_cast<std::size_t>(function)].name;
}
const char* meaning_of(Function function) {
  return kFunctionTexts[static_cast<std::size_t>(function)].meaning;
}
bool needs_hold(Function function) {
  return function == Function::kDiscard || function == Function::kNext || function == Function::kUndo;
}

std::vector<std::string> analog_control_names() {
  return list(kAnalogNames);
}
std::vector<std::string> pad_button_names() {
  return list(kButtonNames);
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  names.reserve(kFunctions);
  for (const auto& text : kFunctionTexts) names.emplace_back(text.name);
  return names;
}

}  // namespace understudy
