// The text form of a Randomisation.

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "datasets/types/error.h"
#include "datasets/types/toml.h"
#include "envs/contract/environment.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {
namespace {

using Kind = Distribution::Kind;

std::string section_of(const std::string& key) {
  return key.substr(0, key.rfind('.'));
}
std::string name_in_section(const std::string& key) {
  return key.substr(key.rfind('.') + 1);
}

const std::vector<std::string>& sections() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const Quantity& quantity : quantities()) {
      const std::string name = section_of(quantity.key);
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    names.insert(names.end(), {"sensors.fields", "geometry"});
    return names;
  }();
  return all;
}

[[noreturn]] void refuse(const TomlValue& value, const std::string& want) {
  throw UsageError(value.place + ": " + value.path + ": want " + want + ", found " + value.found());
}

double number(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::kInteger && value.kind != TomlValue::Kind::kFloat) {
    refuse(value, "a number");
  }
  double number = 0;
  std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  return number;
}

Kind kind_of(const TomlValue& value) {
  constexpr std::pair<const char*, Kind> kKinds[] = {{"uniform", Kind::kUniform},
                                                     {"log_uniform", Kind::kLogUniform},
                                                     {"normal", Kind::kNormal},
                                                     {"integer", Kind::kInteger},
                                                     {"choice", Kind::kChoice}};
  std::vector<std::string> known;
  for (const auto& [name, kind] : kKinds) {
    if (value.key == name) return kind;
    known.emplace_back(name);
  }
  throw UsageError(value.key_place + ": " + value.path + ": " +
                   unknown_name("distribution", value.key, known));
}

/// A number, or a table of one distribution and perhaps its bounds.
Distribution distribution_of(const TomlValue& value) {
  Distribution read;
  if (value.kind != TomlValue::Kind::kTable) {
    read.values.push_back(number(value));
    return read;
  }
  for (const TomlValue& item : value.items) {
    if (item.key == "low" || item.key == "high") {
      (item.key == "low" ? read.low : read.high) = number(item);
      continue;
    }
    const Kind kind = kind_of(item);
    if (read.kind != Kind::kConstant) {
      throw UsageError(item.key_place + ": " + value.path + ": want one distribution, found '" + item.key +
                       "' as a second");
    }
    read.kind = kind;
    if (item.kind != TomlValue::Kind::kArray) refuse(item, "a list of numbers");
    for (const TomlValue& entry : item.items) read.values.push_back(number(entry));
  }
  if (read.kind == Kind::kConstant) refuse(value, "a distribution, e.g. { normal = [0, 1] }");
  return read;
}

void read(const std::vector<TomlValue>& values, Randomisation& randomisation) {
  for (const TomlValue& value : values) {
    const bool table = value.kind == TomlValue::Kind::kTable;
    if (table && std::find(sections().begin(), sections().end(), value.path) != sections().end()) {
      read(value.items, randomisation);
      continue;
    }
    try {
      if (table && value.path == value.key) throw UsageError(unknown_name("section", value.key, sections()));
      find_quantity(value.path);
    } catch (const UsageError& error) {
      throw UsageError(value.key_place + ": " + error.what());
    }
    Distribution distribution = distribution_of(value);
    try {
      randomisation.set(value.path, std::move(distribution));
    } catch (const UsageError& error) {
      throw UsageError(value.place + ": " + error.what());
    }
  }
}

}  // namespace

Randomisation parse_randomisation(std::string_view text, const std::string& place) {
  Randomisation randomisation;
  try {
    read(parse_toml(text, place), randomisation);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  return randomisation;
}

std::string to_toml(const Randomisation& randomisation) {
  std::string text, section;
  for (const auto& [key, distribution] : randomisation.distributions()) {
    if (section_of(key) != section) {
      section = section_of(key);
      text += "[" + section + "]\n";
    }
    text += name_in_section(key) + " = " + to_text(distribution) + "\n";
  }
  return text;
}

std::string example_randomisation(const EnvironmentSpec& spec) {
  std::string text = "# What episodes of " + spec.id +
                     " can be varied by. Remove what shall stay as it is; a plain number is fixed.\n"
                     "# Distributions: { uniform = [low, high] }, { log_uniform = [low, high] }, "
                     "{ integer = [low, high] },\n"
                     "# { normal = [mean, deviation], low = ..., high = ... }, { choice = [a, b, ...] }\n";
  std::string section;
  for (const Quantity& quantity : quantities_of(spec)) {
    if (section_of(quantity.key) != section) {
      section = section_of(quantity.key);
      text += "\n[" + section + "]\n";
    }
    char line[200];
    std::snprintf(line, sizeof line, "%-50s # %s, %g to %g; %s\n",
                  (name_in_section(quantity.key) + " = " + quantity.example).c_str(), quantity.unit.c_str(),
                  quantity.low, quantity.high, quantity.meaning.c_str());
    text += line;
  }
  return text;
}

}  // namespace understudy
