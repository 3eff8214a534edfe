#include "tools/console/randomise_option.h"

#include <CLI/CLI.hpp>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/toml.h"
#include "envs/randomisation/presets.h"
#include "envs/tasks/registry.h"

namespace understudy::tools {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

void add_randomise_option(CLI::App& command, std::string& path) {
  command
      .add_option("--randomise", path,
                  "TOML file (or dactyl, peng, tobin) of distributions that each episode's physics, "
                  "actuators, sensors and looks are "
                  "drawn from (see: understudy envs ID --randomisation)")
      ->type_name("FILE");
}

Randomisation load_randomisation(const std::string& path, const std::string& environment_id) {
  if (path.empty()) return {};
  std::string text(preset_text(path));
  try {
    if (text.empty()) text = read_file(path);
  } catch (const Error& error) {
    throw UsageError(std::string(error.what()) + "; check the path, or take one of " +
                     joined(randomisation_presets()));
  }
  Randomisation randomisation = parse_randomisation(text, path);
  const auto environment = make_environment(environment_id);
  try {
    check_fits(randomisation, environment->spec());
  } catch (const UsageError& error) {
    const std::string line = error.what();  // begins with the key
    const std::vector<TomlValue> values = parse_toml(text, path);
    const TomlValue* value = find_value(values, line.substr(0, line.find(':')));
    throw UsageError((value != nullptr ? value->key_place : path) + ": " + line);
  }
  return randomisation;
}

}  // namespace understudy::tools
