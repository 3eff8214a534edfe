// The text form of a Randomisation.

#include <algorithm>
#include <charconv>
#include <cmath>
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
    names.insert(names.end(), {"sensors.fields", "geometry", "joint_normal", "adaptive"});
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
  constexpr std::pair<const char*, Kind> kKinds[] = {
      {"uniform", Kind::kUniform}, {"log_uniform", Kind::kLogUniform}, {"normal", Kind::kNormal},
      {"integer", Kind::kInteger}, {"choice", Kind::kChoice},          {"adaptive", Kind::kAdaptive}};
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
    if (item.key == "low" || item.key == "high" || item.key == "step") {
      (item.key == "low" ? read.low : item.key == "high" ? read.high : read.step) = number(item);
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

std::vector<double> numbers(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::kArray) refuse(value, "a list of numbers");
  std::vector<double> all;
  for (const TomlValue& entry : value.items) all.push_back(number(entry));
  return all;
}

JointNormal joint_of(const TomlValue& table) {
  JointNormal joint;
  const std::pair<const char*, std::vector<double>*> lists[] = {
      {"mean", &joint.mean}, {"covariance", &joint.covariance}, {"low", &joint.low}, {"high", &joint.high}};
  for (const TomlValue& item : table.items) {
    if (item.key == "keys") {
      if (item.kind != TomlValue::Kind::kArray) refuse(item, "a list of keys");
      for (const TomlValue& entry : item.items) {
        if (entry.kind != TomlValue::Kind::kString) refuse(entry, "a key in quotes");
        joint.keys.push_back(entry.text);
      }
      continue;
    }
    const auto list = std::find_if(std::begin(lists), std::end(lists),
                                   [&](const auto& known) { return item.key == known.first; });
    if (list == std::end(lists)) {
      throw UsageError(
          item.key_place + ": " +
          unknown_name("key of joint_normal", item.key, {"keys", "mean", "covariance", "low", "high"}));
    }
    *list->second = numbers(item);
  }
  return joint;
}

AdaptiveRule rule_of(const TomlValue& table) {
  AdaptiveRule rule;
  for (const TomlValue& item : table.items) {
    if (item.key == "boundary") {
      rule.boundary = number(item);
    } else if (item.key == "queue") {
      if (item.kind != TomlValue::Kind::kInteger || !(std::abs(number(item)) < 1e9))
        refuse(item, "a whole number");
      rule.queue = static_cast<int>(number(item));
    } else if (item.key == "widen") {
      rule.widen = number(item);
    } else if (item.key == "shrink") {
      rule.shrink = number(item);
    } else if (item.key == "good_return") {
      rule.good_return = number(item);
    } else {
      throw UsageError(
          item.key_place + ": " +
          unknown_name("key of adaptive", item.key, {"boundary", "queue", "widen", "shrink", "good_return"}));
    }
  }
  return rule;
}

/// Whether `value` is one of the tables that are no quantities, which is then read.
bool read_whole(const TomlValue& value, Randomisation& randomisation) {
  const auto placed = [&](const auto& set) {
    try {
      set();
    } catch (const UsageError& error) {
      throw UsageError(value.place + ": " + error.what());
    }
    return true;
  };
  if (value.path == "adaptive")
    return placed([&, rule = rule_of(value)] { randomisation.set_adaptive_rule(rule); });
  if (value.path == "joint_normal")
    return placed([&, joint = joint_of(value)] { randomisation.set_joint(joint); });
  return false;
}

void read(const std::vector<TomlValue>& values, Randomisation& randomisation) {
  for (const TomlValue& value : values) {
    const bool table = value.kind == TomlValue::Kind::kTable;
    if (table && read_whole(value, randomisation)) continue;
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
  if (randomisation.adapts()) {
    const AdaptiveRule& rule = randomisation.adaptive_rule();
    TomlWriter writer;
    writer.table("adaptive");
    writer.add("boundary", rule.boundary);
    writer.add("queue", rule.queue);
    writer.add("widen", rule.widen);
    writer.add("shrink", rule.shrink);
    if (rule.good_return) writer.add("good_return", *rule.good_return);
    text += writer.text();
  }
  if (randomisation.joint()) {
    const JointNormal& joint = *randomisation.joint();
    TomlWriter writer;
    writer.table("joint_normal");
    writer.add("keys", joint.keys);
    writer.add("mean", joint.mean);
    writer.add("covariance", joint.covariance);
    writer.add("low", joint.low);
    writer.add("high", joint.high);
    text += writer.text();
  }
  return text;
}

std::string example_randomisation(const EnvironmentSpec& spec) {
  std::string text = "# What episodes of " + spec.id +
                     " can be varied by. Remove what shall stay as it is; a plain number is fixed.\n"
                     "# Distributions: { uniform = [low, high] }, { log_uniform = [low, high] }, "
                     "{ integer = [low, high] },\n"
                     "# { normal = [mean, deviation], low = ..., high = ... }, { choice = [a, b, ...] },\n"
                     "# { adaptive = [low, high], low = ..., high = ..., step = ... }\n";
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
