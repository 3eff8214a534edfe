#include "capture/input/bindings.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>
#include <set>

#include "capture/input/action_words.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

struct PresetEntry {
  const char* entry;
  AnalogControl control;
  bool inverted;
};

struct PresetKey {
  const char* key;
  AnalogControl control;
  int direction;
};

struct Preset {
  const char* name;
  std::vector<PresetEntry> entries;  ///< which control moves an action entry of this name
  std::vector<PresetKey> motion;
  bool in_pairs = false;  ///< entries take turns, two at a time
};

using enum AnalogControl;

const std::vector<Preset>& presets() {
  // Screen-relative for an arm seen from behind its base: x is away, y to the left, z up.
  static const std::vector<Preset> list{
      {"default",
       {{"dx", kLeftStickY, false},
        {"dy", kLeftStickX, true},
        {"dz", kRightStickY, false},
        {"yaw", kRightStickX, true},
        {"roll", kDpadX, false},
        {"pitch", kDpadY, false},
        {"gripper", kTriggers, false},
        {"steer", kLeftStickX, false},
        {"throttle", kLeftStickY, false}},
       {{"d", kLeftStickX, 1},
        {"a", kLeftStickX, -1},
        {"w", kLeftStickY, 1},
        {"s", kLeftStickY, -1},
        {"l", kRightStickX, 1},
        {"j", kRightStickX, -1},
        {"e", kRightStickY, 1},
        {"q", kRightStickY, -1},
        {"g", kTriggers, 1},
        {"f", kTriggers, -1},
        {"p", kDpadX, 1},
        {"o", kDpadX, -1},
        {"i", kDpadY, 1},
        {"k", kDpadY, -1}}},
      {"joint",
       {},
       {{"w", kLeftStickY, 1}, {"s", kLeftStickY, -1}, {"i", kRightStickY, 1}, {"k", kRightStickY, -1}},
       true},
      {"drive",
       {{"steer", kLeftStickX, false}, {"throttle", kTriggers, false}},
       {{"d", kLeftStickX, 1}, {"a", kLeftStickX, -1}, {"w", kTriggers, 1}, {"s", kTriggers, -1}}},
  };
  return list;
}

const std::vector<ButtonRow> kPresetButtons{{PadButton::kStart, Function::kStart},
                                            {PadButton::kY, Function::kSaveSuccess},
                                            {PadButton::kA, Function::kSaveFailure},
                                            {PadButton::kX, Function::kDiscard},
                                            {PadButton::kBack, Function::kUndo},
                                            {PadButton::kB, Function::kBack},
                                            {PadButton::kLeftShoulder, Function::kPrecision},
                                            {PadButton::kRightShoulder, Function::kTakeOver},
                                            {PadButton::kLeftStick, Function::kCheckpoint},
                                            {PadButton::kRightStick, Function::kRewind},
                                            {PadButton::kStart, Function::kReplay, true},
                                            {PadButton::kX, Function::kNext, true},
                                            {PadButton::kY, Function::kExtend, true},
                                            {PadButton::kRightShoulder, Function::kCamera, true}};

const std::vector<std::pair<const char*, Function>> kPresetFunctionKeys{{"space", Function::kStart},
                                                                        {"right", Function::kEnd},
                                                                        {"n", Function::kEnd},
                                                                        {"return", Function::kSaveSuccess},
                                                                        {"backspace", Function::kSaveFailure},
                                                                        {"left", Function::kDiscard},
                                                                        {"r", Function::kDiscard},
                                                                        {"b", Function::kNext},
                                                                        {"delete", Function::kUndo},
                                                                        {"x", Function::kExtend},
                                                                        {"m", Function::kCheckpoint},
                                                                        {"z", Function::kRewind},
                                                                        {"tab", Function::kTakeOver},
                                                                        {"u", Function::kReplay},
                                                                        {"t", Function::kNote},
                                                                        {"escape", Function::kStop},
                                                                        {"left_shift", Function::kPrecision},
                                                                        {"c", Function::kCamera},
                                                                        {"v", Function::kSecondView},
                                                                        {"h", Function::kHelp}};

constexpr PadButton kGroupButton = PadButton::kDpadRight;
constexpr const char* kGroupKey = "g";

/// Order in which controls are given to entries that no preset knows.
constexpr std::array<AnalogControl, kAnalogControls> kFreeOrder{
    kLeftStickX, kLeftStickY, kRightStickY, kRightStickX, kTriggers, kDpadX, kDpadY};

const Preset& preset_named(const std::string& layout) {
  for (const Preset& preset : presets()) {
    if (layout == preset.name) return preset;
  }
  throw UsageError(unknown_name("layout", layout, layout_names()));
}

bool is_bound(const Binding& binding, AnalogControl control) {
  return std::any_of(binding.analog.begin(), binding.analog.end(),
                     [&](const AnalogRow& row) { return row.control == control; });
}

bool is_grouped(const Binding& binding, AnalogControl control) {
  return std::any_of(binding.analog.begin(), binding.analog.end(),
                     [&](const AnalogRow& row) { return row.control == control && row.group >= 0; });
}

std::string title(const std::string& name) {
  std::string text = name;
  std::replace(text.begin(), text.end(), '_', ' ');
  if (text.size() == 1) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (text.size() > 2 && text[text.size() - 2] == ' ') {
    text.back() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.back())));
  }
  return text;
}

std::string title(const ButtonRow& row) {
  return (row.with_back ? "Back + " : "") + title(name_of(row.button));
}

bool is_sideways(AnalogControl control) {
  return control == kLeftStickX || control == kRightStickX || control == kDpadX;
}

/// Both ways of a control, the way that counts first.
std::string control_ways(AnalogControl control) {
  if (control == kTriggers) return "RT / LT";
  std::string text = title(name_of(control));
  return text.substr(0, text.size() - 1) + (is_sideways(control) ? "left / right" : "up / down");
}

std::string hold_text(const Binding& binding, Function function) {
  if (!needs_hold(function) || binding.response.hold <= 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, " (hold %g s)", binding.response.hold);
  return text;
}

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw Error(place + ": " + what);
}

void want_range(const std::string& place, const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;
  char text[96];
  std::snprintf(text, sizeof text, ": want %s in [%g, %g], found %g", name, low, high, value);
  throw Error(place + text);
}

}  // namespace

std::vector<std::string> layout_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  return names;
}

std::vector<std::string> layout_keys(const std::string& layout) {
  std::vector<std::string> keys;
  const Preset& preset = preset_named(layout);
  for (const PresetKey& motion : preset.motion) keys.emplace_back(motion.key);
  for (const auto& [key, function] : kPresetFunctionKeys) keys.emplace_back(key);
  if (preset.in_pairs) keys.emplace_back(kGroupKey);
  return keys;
}

bool is_layout_chord(PadButton button) {
  return std::any_of(kPresetButtons.begin(), kPresetButtons.end(),
                     [&](const ButtonRow& row) { return row.button == button && row.with_back; });
}

std::vector<std::string> entry_names(const Space& space) {
  std::vector<std::string> names;
  for (const Field& field : space.fields()) {
    for (int i = 0; i < field.size; ++i) {
      names.push_back(field.size == 1 ? field.name : field.name + "[" + std::to_string(i) + "]");
    }
  }
  return names;
}

namespace {

/// Buttons and keys of the preset, once it is known what the controls move.
void add_functions(const Preset& preset, Binding& binding) {
  binding.buttons = kPresetButtons;
  for (const PresetKey& motion : preset.motion) {
    if (is_bound(binding, motion.control)) {
      binding.keys.push_back({motion.key, Function::kNone, motion.control, motion.direction});
    }
  }
  for (const auto& [key, function] : kPresetFunctionKeys) binding.keys.push_back({key, function, {}, 0});
  if (!preset.in_pairs) return;
  binding.buttons.push_back({kGroupButton, Function::kGroup});
  binding.keys.push_back({kGroupKey, Function::kGroup, {}, 0});
}

}  // namespace

Binding make_binding(const std::string& layout, const Space& action) {
  const Preset& preset = preset_named(layout);
  Binding binding;
  binding.layout = layout;
  binding.entries = entry_names(action);
  if (preset.in_pairs) {
    const int count = static_cast<int>(binding.entries.size());
    for (int entry = 0; entry < count; entry += 2)
      binding.analog.push_back({kLeftStickY, entry, false, entry / 2});
    for (int entry = 1; entry < count; entry += 2)
      binding.analog.push_back({kRightStickY, entry, false, entry / 2});
    add_functions(preset, binding);
    return binding;
  }
  if (binding.entries.size() > kAnalogControls) {
    throw Error(
        "layout " + layout + ": want at most " + std::to_string(kAnalogControls) +
        " action entries, which is what a pad can move, found " + std::to_string(binding.entries.size()) +
        ": move two at a time with --layout joint, or record this task with --device scripted, if it has "
        "an expert");
  }
  std::vector<std::optional<AnalogRow>> rows(binding.entries.size());
  std::set<AnalogControl> used;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const PresetEntry& known : preset.entries) {
      if (binding.entries[i] != known.entry) continue;
      rows[i] = AnalogRow{known.control, static_cast<int>(i), known.inverted};
      used.insert(known.control);
    }
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]) continue;
    const auto free = std::find_if(kFreeOrder.begin(), kFreeOrder.end(),
                                   [&](AnalogControl control) { return used.count(control) == 0; });
    rows[i] = AnalogRow{*free, static_cast<int>(i), false};
    used.insert(*free);
  }
  for (const auto& row : rows) binding.analog.push_back(*row);
  add_functions(preset, binding);
  return binding;
}

void validate(const Binding& binding, const std::string& place) {
  const Response& response = binding.response;
  want_range(place, "stick_dead_zone", response.stick_dead_zone, 0, 0.9);
  want_range(place, "expo", response.expo, 1, 5);
  want_range(place, "trigger_dead_zone", response.trigger_dead_zone, 0, 0.9);
  want_range(place, "precision", response.precision, 0.01, 1);
  want_range(place, "hold", response.hold, 0, 5);
  want_range(place, "key_ramp", response.key_ramp, 0, 5);
  std::set<std::pair<AnalogControl, int>> controls;
  std::set<int> entries;
  for (const AnalogRow& row : binding.analog) {
    const std::string where = place + ": " + name_of(row.control);
    if (row.entry < 0 || row.entry >= static_cast<int>(binding.entries.size())) {
      refuse(where, "want an action entry in [0, " + std::to_string(binding.entries.size()) + "), found " +
                        std::to_string(row.entry));
    }
    if (!controls.insert({row.control, row.group}).second ||
        (row.group >= 0 && controls.count({row.control, -1}) > 0) ||
        (row.group < 0 && is_grouped(binding, row.control)))
      refuse(where, "bound twice");
    if (!entries.insert(row.entry).second) {
      throw Error(place + ": action entry '" + binding.entries[static_cast<std::size_t>(row.entry)] +
                  "' is moved by two controls");
    }
  }
  std::set<std::string> buttons;
  for (const ButtonRow& row : binding.buttons) {
    if (!buttons.insert(name_of(row)).second)
      throw Error(place + ": button " + name_of(row) + " is bound twice");
    if (row.button == PadButton::kGuide) throw Error(place + ": the guide button belongs to the system");
    if (row.with_back && row.button == PadButton::kBack)
      throw Error(place + ": back cannot be pressed while it is down");
  }
  std::set<std::string> keys;
  for (const KeyRow& row : binding.keys) {
    if (!keys.insert(row.key).second) throw Error(place + ": key '" + row.key + "' is bound twice");
  }
}

std::vector<std::string> unmoved_entries(const Binding& binding, bool keyboard, const std::string& place) {
  std::vector<std::string> lines;
  for (int entry = 0; entry < static_cast<int>(binding.entries.size()); ++entry) {
    const auto row = std::find_if(binding.analog.begin(), binding.analog.end(),
                                  [&](const AnalogRow& candidate) { return candidate.entry == entry; });
    const auto pushed = [&](int direction) {
      return std::any_of(binding.keys.begin(), binding.keys.end(), [&](const KeyRow& key) {
        return key.control == row->control && key.direction == direction;
      });
    };
    const bool bound = row != binding.analog.end();
    if (bound && (!keyboard || (pushed(1) && pushed(-1)))) continue;
    const std::string name = "action entry '" + binding.entries[static_cast<std::size_t>(entry)] + "'";
    lines.push_back(place + ": " + name +
                    (!bound                      ? " is moved by no control and stays 0; bind one under [pad]"
                     : !pushed(1) && !pushed(-1) ? " is moved by no key and stays 0; bind two under [keys]"
                                                 : " is moved one way only; bind another key under [keys]"));
  }
  return lines;
}

void want_usable(const Binding& binding, bool keyboard, const std::string& place) {
  const auto called = [&](Function function) {
    return !(keyboard ? key_of(binding, function) : pad_control_of(binding, function)).empty();
  };
  const char* const what = keyboard ? "key" : "button";
  const char* const section = keyboard ? "[keys]" : "[pad]";
  if (!called(Function::kStart)) {
    throw Error(place + ": want a " + what + " that calls 'start', found none; bind one under " + section);
  }
  if (!called(Function::kSaveSuccess) && !called(Function::kSaveFailure)) {
    throw Error(place + ": want a " + what +
                " that calls 'save_success' or 'save_failure', found none; bind one "
                "under " +
                section);
  }
}

Vector action_of(const Binding& binding, const ControlState& controls) {
  Vector action = Vector::Zero(static_cast<Eigen::Index>(binding.entries.size()));
  const double scale = controls.precision ? binding.response.precision : 1.0;
  for (const AnalogRow& row : binding.analog) {
    if (row.group >= 0 && row.group != controls.group) continue;
    const double value = std::clamp(controls[row.control], -1.0, 1.0) * scale;
    action[row.entry] = static_cast<float>(row.inverted ? -value : value);
  }
  return action;
}

ControlState controls_of(const Binding& binding, ConstVectorRef action) {
  ControlState controls;
  for (const AnalogRow& row : binding.analog) {
    if (row.group > 0) continue;
    const double value = std::clamp(static_cast<double>(action[row.entry]), -1.0, 1.0);
    controls[row.control] = row.inverted ? -value : value;
  }
  return controls;
}

std::string name_of(const ButtonRow& row) {
  return std::string(row.with_back ? "back+" : "") + name_of(row.button);
}

int group_count(const Binding& binding) {
  int last = 0;
  for (const AnalogRow& row : binding.analog) last = std::max(last, row.group);
  return last + 1;
}

std::string group_text(const Binding& binding, int group) {
  std::string text;
  for (const AnalogRow& row : binding.analog) {
    if (row.group != group) continue;
    text += (text.empty() ? "" : ", ") + binding.entries[static_cast<std::size_t>(row.entry)];
  }
  return text;
}

Function function_of(const Binding& binding, PadButton button, bool with_back) {
  for (const ButtonRow& row : binding.buttons) {
    if (row.button == button && row.with_back == with_back) return row.function;
  }
  return Function::kNone;
}

Function function_of(const Binding& binding, const std::string& key) {
  for (const KeyRow& row : binding.keys) {
    if (row.key == key) return row.function;
  }
  return Function::kNone;
}

PadButton button_for(const Binding& binding, Function function) {
  for (const ButtonRow& row : binding.buttons) {
    if (row.function == function && !row.with_back) return row.button;
  }
  throw Error("binding: no button calls '" + std::string(name_of(function)) + "'; bind one under [pad]");
}

std::vector<std::pair<std::string, std::string>> pad_help(const Binding& binding) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const AnalogRow& row : binding.analog) {
    if (row.group > 0) continue;
    const ActionWords words = action_words(binding.entries[static_cast<std::size_t>(row.entry)]);
    // Sideways controls are named from left to right, the others from up to down.
    const bool negative_first = is_sideways(row.control) != row.inverted;
    lines.emplace_back(control_ways(row.control), (negative_first ? words.negative + " / " + words.positive
                                                                  : words.positive + " / " + words.negative) +
                                                      (row.group == 0 ? ", ..." : ""));
  }
  for (const ButtonRow& row : binding.buttons) {
    if (row.function == Function::kNone) continue;
    lines.emplace_back(title(row) + hold_text(binding, row.function), meaning_of(row.function));
  }
  return lines;
}

std::string pad_control_of(const Binding& binding, Function function) {
  for (const ButtonRow& row : binding.buttons) {
    if (row.function == function) return title(row);
  }
  return "";
}

std::string key_of(const Binding& binding, Function function, const KeyLabel& label) {
  for (const KeyRow& row : binding.keys) {
    if (row.function == function) return label ? label(row.key) : title(row.key);
  }
  return "";
}

std::vector<std::pair<std::string, std::string>> keyboard_help(const Binding& binding,
                                                               const KeyLabel& label) {
  const auto printed = [&](const std::string& key) { return label ? label(key) : title(key); };
  std::vector<std::pair<std::string, std::string>> lines;
  for (const AnalogRow& row : binding.analog) {
    if (row.group > 0) continue;
    std::string plus;
    std::string minus;
    for (const KeyRow& key : binding.keys) {
      if (key.direction == 0 || key.control != row.control) continue;
      std::string& side = (key.direction > 0) != row.inverted ? plus : minus;
      if (!side.empty()) side += ", ";
      side += printed(key.key);
    }
    if (plus.empty() && minus.empty()) continue;
    plus.append(" / ").append(minus);
    const ActionWords words = action_words(binding.entries[static_cast<std::size_t>(row.entry)]);
    lines.emplace_back(plus, words.positive + " / " + words.negative + (row.group == 0 ? ", ..." : ""));
  }
  std::set<Function> listed;
  for (const KeyRow& row : binding.keys) {
    if (row.function == Function::kNone || !listed.insert(row.function).second) continue;
    std::string keys;
    for (const KeyRow& other : binding.keys) {
      if (other.function != row.function) continue;
      if (!keys.empty()) keys += ", ";
      keys += printed(other.key);
    }
    lines.emplace_back(keys + hold_text(binding, row.function), meaning_of(row.function));
  }
  return lines;
}

}  // namespace understudy
