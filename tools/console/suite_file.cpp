#include "tools/console/suite_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/toml.h"
#include "tools/console/randomise_option.h"

namespace understudy::tools {
namespace {

using Kind = TomlValue::Kind;

constexpr int kMostEpisodes = 100000, kMostSeed = 9999;

[[noreturn]] void complain(const TomlValue& value, const std::string& wanted) {
  throw UsageError(value.place + ": " + value.path + ": want " + wanted + ", found " + value.found());
}

double number_of(const TomlValue& value, double low, double high, bool whole) {
  const bool number = value.kind == Kind::kInteger || value.kind == Kind::kFloat;
  const double found = number ? std::strtod(value.text.c_str(), nullptr) : 0;
  if (!number || (whole && value.kind != Kind::kInteger) || !(found >= low && found <= high)) {
    char range[80];
    std::snprintf(range, sizeof range, "a%s number from %g to %g", whole ? " whole" : "", low, high);
    complain(value, range);
  }
  return found;
}

std::string text_of(const TomlValue& value, const std::string& wanted) {
  if (value.kind != Kind::kString || value.text.empty()) complain(value, wanted);
  return value.text;
}

std::vector<std::string> list_of(const TomlValue& value, const std::string& wanted) {
  std::vector<std::string> list;
  if (value.kind != Kind::kArray || value.items.empty()) complain(value, wanted);
  for (const TomlValue& item : value.items) {
    list.push_back(text_of(item, wanted));
    if (std::count(list.begin(), list.end(), list.back()) > 1)
      throw UsageError(item.place + ": " + value.path + ": has " + list.back() + " twice; leave one out");
  }
  return list;
}

void set_camera(Randomisation& values, double most) {
  for (const char* axis : {"x", "y", "z", "yaw", "pitch"}) {
    values.set(std::string("visual.camera_") + axis,
               {.kind = Distribution::Kind::kUniform, .values = {-most, most}});
  }
}

Perturbation perturbation_of(const TomlValue& table) {
  if (table.kind != Kind::kTable || table.items.empty())
    complain(table, "a table of file, corner, latency, observation_noise or camera");
  if (table.key == "none")
    throw UsageError(table.key_place + ": perturbations.none: means the task as it is; choose another name");
  Perturbation perturbation{.name = table.key};
  for (const TomlValue& value : table.items) {
    if (value.key == "file") {
      perturbation.file = text_of(value, "the name of a randomisation file");
      perturbation.place = value.place;
    } else if (value.key == "corner") {
      const std::string corner = value.kind == Kind::kString ? value.text : "";
      if (corner != "low" && corner != "high") complain(value, "\"low\" or \"high\"");
      perturbation.corner = corner == "low" ? Corner::kLow : Corner::kHigh;
    } else if (value.key == "latency") {
      perturbation.values.set("actuators.latency", {.values = {number_of(value, 0, 100, true)}});
    } else if (value.key == "observation_noise") {
      perturbation.values.set("sensors.noise", {.values = {number_of(value, 0, 1, false)}});
    } else if (value.key == "camera") {
      set_camera(perturbation.values, number_of(value, 0, 1, false));
    } else {
      throw UsageError(value.key_place + ": " +
                       unknown_name("a perturbation's", value.key,
                                    {"camera", "corner", "file", "latency", "observation_noise"}));
    }
  }
  if (perturbation.corner && perturbation.file.empty())
    throw UsageError(table.key_place + ": " + table.path + ": want a file whose corner is meant, found none");
  return perturbation;
}

}  // namespace

Suite read_suite(const std::string& path) {
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    throw UsageError(std::string(error.what()) + "; check the path given to --suite");
  }
  Suite suite{.name = std::filesystem::path(path).stem().string(), .perturbations = {{.name = "none"}}};
  for (const TomlValue& value : parse_toml(text, path)) {
    if (value.key == "tasks") {
      suite.tasks = list_of(value, "a list of tasks");
    } else if (value.key == "policies") {
      suite.policies = list_of(value, "a list of policies, runs, \"expert\" or \"random\"");
    } else if (value.key == "name") {
      suite.name = text_of(value, "a name");
    } else if (value.key == "episodes") {
      suite.episodes = static_cast<int>(number_of(value, 1, kMostEpisodes, true));
    } else if (value.key == "seed") {
      suite.seed = static_cast<std::uint64_t>(number_of(value, 0, kMostSeed, true));
    } else if (value.key == "perturbations") {
      if (value.kind != Kind::kTable) complain(value, "a table for each, [perturbations.NAME]");
      for (const TomlValue& table : value.items) suite.perturbations.push_back(perturbation_of(table));
    } else {
      throw UsageError(value.key_place + ": " +
                       unknown_name("a suite's", value.key,
                                    {"episodes", "name", "perturbations", "policies", "seed", "tasks"}));
    }
  }
  if (suite.tasks.empty() || suite.policies.empty()) {
    throw UsageError(path + ": want both tasks and policies, found no " +
                     (suite.tasks.empty() ? "tasks" : "policies"));
  }
  return suite;
}

std::string for_task(const std::string& text, const std::string& task) {
  std::string filled = text;
  const std::string word = "{task}";
  for (std::size_t at = filled.find(word); at != std::string::npos; at = filled.find(word, at + task.size()))
    filled.replace(at, word.size(), task);
  return filled;
}

Randomisation randomisation_of(const Perturbation& perturbation, const std::string& task) {
  Randomisation randomisation;
  if (!perturbation.file.empty()) {
    try {
      randomisation = load_randomisation(for_task(perturbation.file, task), task);
    } catch (const Error& error) {
      throw UsageError(perturbation.place + ": " + error.what());
    }
  }
  if (perturbation.corner) randomisation = corner_of(randomisation, *perturbation.corner);
  for (const auto& [key, distribution] : perturbation.values.distributions())
    randomisation.set(key, distribution);
  return randomisation;
}

}  // namespace understudy::tools
