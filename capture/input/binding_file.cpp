#include "capture/input/binding_file.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "capture/input/input_events.h"
#include "datasets/types/error.h"

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

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == '#' && !quoted) return line.substr(0, i);
  }
  return line;
}

std::optional<std::size_t> position(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

/// Reads lines into a binding; keeps what each line was for so that a second claim can name the first.
class Parser {
 public:
  Parser(std::string place, const Space& action) : place_(std::move(place)), action_(action) {}

  Binding parse(const std::string& text, const std::string& default_layout) {
    binding_ = make_binding(layout_of(text, default_layout), action_);
    std::istringstream lines(text);
    line_ = 0;
    section_.clear();
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      take(trimmed(without_comment(line)));
    }
    validate(binding_, place_);
    return std::move(binding_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(place_ + ":" + std::to_string(line_) + ": " + what);
  }

  /// The layout has to be known before any row can change it, so it is looked for first.
  std::string layout_of(const std::string& text, const std::string& default_layout) {
    std::istringstream lines(text);
    line_ = 0;
    for (std::string line; std::getline(lines, line);) {
      ++line_;
      const std::string_view content = trimmed(without_comment(line));
      if (content.starts_with('[')) break;
      if (trimmed(content.substr(0, content.find('='))) != "layout") continue;
      std::string layout = quoted(value_of(content));
      if (!position(layout_names(), layout)) fail(unknown_name("layout", layout, layout_names()));
      return layout;
    }
    return default_layout;
  }

  std::string_view value_of(std::string_view content) const {
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) {
      fail("want `name = value` or `[section]`, found '" + std::string(content) + "'");
    }
    return trimmed(content.substr(equals + 1));
  }

  std::string quoted(std::string_view value) const {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') {
      fail("want a quoted text like \"start\", found '" + std::string(value) + "'");
    }
    return std::string(value.substr(1, value.size() - 2));
  }

  void take(std::string_view content) {
    if (content.empty()) return;
    if (content.front() == '[') {
      const std::vector<std::string> sections{"response", "pad", "keys"};
      if (content.back() != ']') fail("want `[section]`, found '" + std::string(content) + "'");
      section_ = trimmed(content.substr(1, content.size() - 2));
      if (!position(sections, section_)) fail(unknown_name("section", section_, sections));
      return;
    }
    const std::string_view value = value_of(content);
    std::string name(trimmed(content.substr(0, content.find('='))));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    const auto [seen, first_time] = seen_.try_emplace(section_ + "/" + name, line_);
    if (!first_time) fail("'" + name + "' was set on line " + std::to_string(seen->second) + " already");
    if (section_.empty()) {
      if (name != "layout") fail(unknown_name("key", name, {"layout"}));
    } else if (section_ == "response") {
      set_number(name, value);
    } else if (section_ == "pad") {
      set_control(name, quoted(value));
    } else {
      set_key(name, quoted(value));
    }
  }

  void set_number(const std::string& name, std::string_view value) {
    std::vector<std::string> names;
    for (const Number& number : kNumbers) {
      names.emplace_back(number.name);
      if (name != number.name) continue;
      double parsed = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
      if (error != std::errc() || end != value.data() + value.size()) {
        fail(name + ": want a number (" + number.meaning + "), found '" + std::string(value) + "'");
      }
      binding_.response.*number.member = parsed;
      validate(binding_, place_ + ":" + std::to_string(line_));
      return;
    }
    fail(unknown_name("key", name, names));
  }

  void set_control(const std::string& name, const std::string& value) {
    if (const auto analog = position(analog_control_names(), name)) {
      set_analog(static_cast<AnalogControl>(*analog), value);
    } else if (const auto button = position(pad_button_names(), name)) {
      set_button(static_cast<PadButton>(*button), value);
    } else {
      std::vector<std::string> known = analog_control_names();
      for (const std::string& other : pad_button_names()) known.push_back(other);
      fail(unknown_name("control", name, known));
    }
  }

  void set_analog(AnalogControl control, const std::string& value) {
    std::erase_if(binding_.analog, [&](const AnalogRow& row) { return row.control == control; });
    if (value == "none") return;
    const bool signed_value = !value.empty() && (value[0] == '-' || value[0] == '+');
    const std::string entry = value.substr(signed_value ? 1 : 0);
    const auto index = position(binding_.entries, entry);
    if (!index) fail(unknown_name("action entry", entry, binding_.entries));
    const auto [claim, first_time] = entry_lines_.try_emplace(entry, line_);
    if (!first_time) {
      fail("action entry '" + entry + "' is moved by the control on line " + std::to_string(claim->second) +
           " already");
    }
    std::erase_if(binding_.analog,
                  [&](const AnalogRow& row) { return row.entry == static_cast<int>(*index); });
    binding_.analog.push_back({control, static_cast<int>(*index), value[0] == '-'});
  }

  void set_button(PadButton button, const std::string& value) {
    const Function function = function_named(value);
    if (button == PadButton::kGuide && function != Function::kNone) {
      fail("the guide button belongs to the system and cannot be bound");
    }
    std::erase_if(binding_.buttons, [&](const ButtonRow& row) { return row.button == button; });
    if (function != Function::kNone) binding_.buttons.push_back({button, function});
  }

  void set_key(const std::string& name, const std::string& value) {
    if (!is_key_name(name)) {
      const std::string nearest = nearest_key_name(name);
      fail(
          "unknown key '" + name + "'" + (nearest.empty() ? "" : ": did you mean '" + nearest + "'?") +
          " want SDL's name of a key, in small letters and with _ for blanks, like w, 5, return, left_shift");
    }
    std::erase_if(binding_.keys, [&](const KeyRow& row) { return row.key == name; });
    if (value.size() > 1 && (value[0] == '-' || value[0] == '+')) {
      const auto analog = position(analog_control_names(), value.substr(1));
      if (!analog) fail(unknown_name("control", value.substr(1), analog_control_names()));
      binding_.keys.push_back(
          {name, Function::kNone, static_cast<AnalogControl>(*analog), value[0] == '-' ? -1 : 1});
      return;
    }
    const Function function = function_named(value);
    if (function != Function::kNone) binding_.keys.push_back({name, function, {}, 0});
  }

  Function function_named(const std::string& name) const {
    const auto index = position(function_names(), name);
    if (!index) fail(unknown_name("function", name, function_names()));
    return static_cast<Function>(*index);
  }

  std::string place_;
  const Space& action_;
  Binding binding_;
  int line_ = 0;
  std::string section_;
  std::map<std::string, int> seen_;         ///< section/name to the line that set it
  std::map<std::string, int> entry_lines_;  ///< action entry to the line that claimed it
};

/// Shortest text that reads back as the same number.
std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return {text, end};
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
    text << name_of(row.control) << " = \"" << (row.inverted ? "-" : "")
         << binding.entries[static_cast<std::size_t>(row.entry)] << "\"\n";
  }
  for (std::size_t i = 0; i < kAnalogControls; ++i) {
    const auto control = static_cast<AnalogControl>(i);
    if (std::none_of(binding.analog.begin(), binding.analog.end(),
                     [&](const AnalogRow& row) { return row.control == control; })) {
      text << name_of(control) << " = \"none\"\n";
    }
  }
  for (const ButtonRow& row : binding.buttons) {
    text << name_of(row.button) << " = \"" << name_of(row.function) << "\"  # " << meaning_of(row.function)
         << "\n";
  }
  for (std::size_t i = 0; i < kPadButtons; ++i) {
    const auto button = static_cast<PadButton>(i);
    if (button == PadButton::kGuide || function_of(binding, button) != Function::kNone) continue;
    text << name_of(button) << " = \"none\"\n";
  }
  text << "\n[keys]\n";
  const auto quoted_key = [](const std::string& key) {
    const bool bare = std::all_of(key.begin(), key.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    return bare ? key : "\"" + key + "\"";
  };
  for (const KeyRow& row : binding.keys) {
    text << quoted_key(row.key) << " = \"";
    if (row.direction != 0) {
      text << (row.direction > 0 ? "+" : "-") << name_of(row.control) << "\"\n";
    } else {
      text << name_of(row.function) << "\"  # " << meaning_of(row.function) << "\n";
    }
  }
  for (const std::string& key : layout_keys(binding.layout)) {
    if (std::none_of(binding.keys.begin(), binding.keys.end(),
                     [&](const KeyRow& row) { return row.key == key; })) {
      text << quoted_key(key) << " = \"none\"\n";
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
  std::ifstream file(path);
  if (!file) throw Error(path.string() + ": cannot read the binding file");
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
