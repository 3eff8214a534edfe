#include "capture/input/binding_file.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

#include "capture/input/input_events.h"
#include "datasets/types/error.h"
#include "datasets/types/toml.h"

namespace understudy {
namespace {

struct Number {
  const char* name;
  double Response::*member;
  const char* meaning;
};

constexpr Number kNumbers[] = {
    {"stick_dead_zone", &Response::stick_dead_zone, "radius in which a stick is at rest, 0 to 0.9"},
    {"expo", &Response::expo, "exponent of the curve beyond it, 1 (linear) to 5"},
    {"trigger_dead_zone", &Response::trigger_dead_zone, "0 to 0.9"},
    {"precision", &Response::precision, "factor while precision is held, 0.01 to 1"},
    {"hold", &Response::hold, "s that discard and undo must be held, 0 to 5"},
    {"key_ramp", &Response::key_ramp, "s a key takes to full deflection, 0 to 5"},
};

std::optional<std::size_t> position(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

constexpr std::string_view kWithBack = "back+";

std::string without_back(const std::string& control) {
  return control.starts_with(kWithBack) ? control.substr(kWithBack.size()) : control;
}

[[noreturn]] void fail(const std::string& place, const std::string& what) {
  throw Error(place + ": " + what);
}

const std::string& text_of(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::kString) {
    fail(value.place, value.path + ": want a quoted text like \"start\", found " + value.found());
  }
  return value.text;
}

/// Turns values into a binding; keeps where each action entry was claimed so that a second claim can name it.
class Parser {
 public:
  Parser(std::string place, const Space& action) : place_(std::move(place)), action_(action) {}

  Binding parse(const std::string& text, const std::string& default_layout) {
    const std::vector<TomlValue> values = parse_toml(text, place_);
    // The layout has to be known before any row can change it.
    const TomlValue* const layout = find_value(values, "layout");
    binding_ = make_binding(layout != nullptr ? layout_of(*layout) : default_layout, action_);
    for (const TomlValue& value : values) take(value);
    validate(binding_, place_);
    return std::move(binding_);
  }

 private:
  static std::string layout_of(const TomlValue& value) {
    if (!position(layout_names(), text_of(value))) {
      fail(value.place, unknown_name("layout", value.text, layout_names()));
    }
    return value.text;
  }

  void take(const TomlValue& value) {
    if (value.kind != TomlValue::Kind::kTable) {
      if (value.key != "layout") fail(value.key_place, unknown_name("key", value.key, {"layout"}));
      return;
    }
    const std::vector<std::string> sections{"response", "pad", "keys"};
    if (!position(sections, value.key)) fail(value.key_place, unknown_name("section", value.key, sections));
    for (const TomlValue& row : value.items) {
      if (value.key == "response") {
        set_number(row);
      } else if (value.key == "pad") {
        set_control(row);
      } else {
        set_key(row);
      }
    }
  }

  void set_number(const TomlValue& row) {
    std::vector<std::string> names;
    for (const Number& number : kNumbers) {
      names.emplace_back(number.name);
      if (row.key != number.name) continue;
      if (row.kind != TomlValue::Kind::kInteger && row.kind != TomlValue::Kind::kFloat) {
        fail(row.place, row.key + ": want a number (" + number.meaning + "), found " + row.found());
      }
      std::from_chars(row.text.data(), row.text.data() + row.text.size(), binding_.response.*number.member);
      validate(binding_, row.place);
      return;
    }
    fail(row.key_place, unknown_name("key", row.key, names));
  }

  void set_control(const TomlValue& row) {
    if (const auto analog = position(analog_control_names(), row.key)) {
      set_analog(static_cast<AnalogControl>(*analog), row);
    } else if (const auto button = position(pad_button_names(), without_back(row.key))) {
      set_button(static_cast<PadButton>(*button), row.key != without_back(row.key), row);
    } else {
      std::vector<std::string> known = analog_control_names();
      for (const std::string& other : pad_button_names()) known.push_back(other);
      fail(row.key_place, unknown_name("control", row.key, known));
    }
  }

  void set_analog(AnalogControl control, const TomlValue& row) {
    std::erase_if(binding_.analog, [&](const AnalogRow& other) { return other.control == control; });
    if (row.kind != TomlValue::Kind::kArray) return set_entry(control, row, -1);
    int group = 0;
    for (const TomlValue& item : row.items) set_entry(control, item, group++);
  }

  void set_entry(AnalogControl control, const TomlValue& row, int group) {
    const std::string& value = text_of(row);
    if (value == "none") return;
    const bool signed_value = !value.empty() && (value[0] == '-' || value[0] == '+');
    const std::string entry = value.substr(signed_value ? 1 : 0);
    const auto index = position(binding_.entries, entry);
    if (!index) fail(row.place, unknown_name("action entry", entry, binding_.entries));
    const auto [claim, first_time] = claims_.try_emplace(entry, row.place);
    if (!first_time) {
      fail(row.place,
           "action entry '" + entry + "' is moved by the control at " + claim->second + " already");
    }
    std::erase_if(binding_.analog,
                  [&](const AnalogRow& other) { return other.entry == static_cast<int>(*index); });
    binding_.analog.push_back({control, static_cast<int>(*index), value[0] == '-', group});
  }

  void set_button(PadButton button, bool with_back, const TomlValue& row) {
    const Function function = function_in(row);
    if (button == PadButton::kGuide && function != Function::kNone) {
      fail(row.place, "the guide button belongs to the system and cannot be bound");
    }
    std::erase_if(binding_.buttons, [&](const ButtonRow& other) {
      return other.button == button && other.with_back == with_back;
    });
    if (function != Function::kNone) binding_.buttons.push_back({button, function, with_back});
  }

  void set_key(const TomlValue& row) {
    const std::string& name = row.key;
    const std::string& value = text_of(row);
    if (!is_key_name(name)) {
      const std::string nearest = nearest_key_name(name);
      fail(row.key_place,
           "unknown key '" + name + "'" + (nearest.empty() ? "" : ": did you mean '" + nearest + "'?") +
               " want SDL's name of a key, in small letters and with _ for blanks, like w, 5, return, "
               "left_shift");
    }
    std::erase_if(binding_.keys, [&](const KeyRow& other) { return other.key == name; });
    if (value.size() > 1 && (value[0] == '-' || value[0] == '+')) {
      const auto analog = position(analog_control_names(), value.substr(1));
      if (!analog) fail(row.place, unknown_name("control", value.substr(1), analog_control_names()));
      binding_.keys.push_back(
          {name, Function::kNone, static_cast<AnalogControl>(*analog), value[0] == '-' ? -1 : 1});
      return;
    }
    const Function function = function_in(row);
    if (function != Function::kNone) binding_.keys.push_back({name, function, {}, 0});
  }

  static Function function_in(const TomlValue& row) {
    const auto index = position(function_names(), text_of(row));
    if (!index) fail(row.place, unknown_name("function", row.text, function_names()));
    return static_cast<Function>(*index);
  }

  std::string place_;
  const Space& action_;
  Binding binding_;
  std::map<std::string, std::string> claims_;  ///< action entry to the place that claimed it
};

/// Shortest text that reads back as the same number. Datasets hold this text, whole numbers without a point.
std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
}

std::string key_text(const std::string& key) {
  const bool bare = std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return bare ? key : toml_text(key);
}

std::string entry_text(const Binding& binding, const AnalogRow& row) {
  std::string text = row.inverted ? "\"-" : "\"";
  return text + binding.entries[static_cast<std::size_t>(row.entry)] + "\"";
}

/// For each control that moves one entry after another, the list of them.
void write_groups(const Binding& binding, std::ostringstream& text) {
  for (std::size_t i = 0; i < kAnalogControls; ++i) {
    std::map<int, std::string> entries;
    for (const AnalogRow& row : binding.analog) {
      if (row.control == static_cast<AnalogControl>(i) && row.group >= 0)
        entries[row.group] = entry_text(binding, row);
    }
    if (entries.empty()) continue;
    text << name_of(static_cast<AnalogControl>(i)) << " = [";
    for (int group = 0; group <= entries.rbegin()->first; ++group) {
      const auto found = entries.find(group);
      text << (group > 0 ? ", " : "") << (found == entries.end() ? "\"none\"" : found->second);
    }
    text << "]  # in turn, by group\n";
  }
}

}  // namespace

std::string to_text(const Binding& binding) {
  std::ostringstream text;
  text << "layout = \"" << binding.layout << "\"\n\n[response]\n";
  for (const Number& number : kNumbers) {
    text << number.name << " = " << number_text(binding.response.*number.member) << "  # " << number.meaning
         << "\n";
  }
  // Everything is spelled out, "none" included, so that the text does not depend on what the layout says.
  text << "\n[pad]\n";
  for (const AnalogRow& row : binding.analog) {
    if (row.group < 0) text << name_of(row.control) << " = " << entry_text(binding, row) << "\n";
  }
  write_groups(binding, text);
  for (std::size_t i = 0; i < kAnalogControls; ++i) {
    const auto control = static_cast<AnalogControl>(i);
    if (std::none_of(binding.analog.begin(), binding.analog.end(),
                     [&](const AnalogRow& row) { return row.control == control; })) {
      text << name_of(control) << " = \"none\"\n";
    }
  }
  for (const ButtonRow& row : binding.buttons) {
    text << key_text(name_of(row)) << " = \"" << name_of(row.function) << "\"  # " << meaning_of(row.function)
         << "\n";
  }
  for (std::size_t i = 0; i < kPadButtons; ++i) {
    const auto button = static_cast<PadButton>(i);
    if (button == PadButton::kGuide) continue;
    if (function_of(binding, button) == Function::kNone) text << name_of(button) << " = \"none\"\n";
    if (is_layout_chord(button) && function_of(binding, button, true) == Function::kNone) {
      text << key_text(name_of(ButtonRow{button, Function::kNone, true})) << " = \"none\"\n";
    }
  }
  text << "\n[keys]\n";
  for (const KeyRow& row : binding.keys) {
    text << key_text(row.key) << " = \"";
    if (row.direction != 0) {
      text << (row.direction > 0 ? "+" : "-") << name_of(row.control) << "\"\n";
    } else {
      text << name_of(row.function) << "\"  # " << meaning_of(row.function) << "\n";
    }
  }
  for (const std::string& key : layout_keys(binding.layout)) {
    if (std::none_of(binding.keys.begin(), binding.keys.end(),
                     [&](const KeyRow& row) { return row.key == key; })) {
      text << key_text(key) << " = \"none\"\n";
    }
  }
  return text.str();
}

Binding parse_binding(const std::string& text, const std::string& place, const Space& action,
                      const std::string& default_layout) {
  return Parser(place, action).parse(text, default_layout);
}

Binding load_binding(const std::filesystem::path& path, const Space& action,
                     const std::string& default_layout) {
  std::ifstream file;
  if (std::filesystem::is_regular_file(path)) file.open(path);
  if (!file.is_open()) throw Error(path.string() + ": cannot read the binding file");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_binding(text.str(), path.string(), action, default_layout);
}

void save_binding(const std::filesystem::path& path, const Binding& binding, bool overwrite) {
  if (!overwrite && std::filesystem::exists(path)) {
    throw Error(path.string() + ": exists already; choose another name or give --force");
  }
  std::ofstream file(path);
  file << to_text(binding);
  file.close();
  if (!file) throw Error(path.string() + ": cannot write the binding file");
}

}  // namespace understudy
