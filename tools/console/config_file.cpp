#include "tools/console/config_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>

#include "datasets/types/error.h"

namespace understudy::tools {
namespace {

std::vector<const CLI::App*> subcommands(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}

std::string config_path(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].rfind("--config=", 0) == 0) return arguments[i].substr(9);
    if (arguments[i] == "--config" && i + 1 < arguments.size()) return arguments[i + 1];
  }
  return "";
}

bool on_command_line(const CLI::Option& option, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    for (const std::string& name : option.get_lnames()) {
      if (argument == "--" + name || argument.rfind("--" + name + "=", 0) == 0) return true;
    }
    for (const std::string& name : option.get_snames()) {
      if (argument.rfind("-" + name, 0) == 0 && argument.rfind("--", 0) != 0) return true;
    }
  }
  return false;
}

/// The values of one key as the command line would give them.
void append_option(const CLI::Option& option, const CLI::ConfigItem& item, const std::string& place,
                   std::vector<std::string>& arguments) {
  const std::string name = "--" + option.get_lnames().front();
  if (option.get_items_expected_max() == 0) {  // a flag
    if (item.inputs.size() != 1 || (item.inputs[0] != "true" && item.inputs[0] != "false")) {
      throw UsageError(place + ": want true or false");
    }
    if (item.inputs[0] == "true") arguments.push_back(name);
    return;
  }
  std::string value;
  for (const std::string& input : item.inputs) {
    if (!value.empty()) value += option.get_delimiter() != '\0' ? option.get_delimiter() : ',';
    value += input;
  }
  arguments.push_back(name + "=" + value);
}

}  // namespace

void add_config_options(CLI::App& program) {
  const auto subs = program.get_subcommands([](CLI::App*) { return true; });
  for (CLI::App* sub : subs) add_config_options(*sub);
  if (subs.empty()) {
    program.add_option("--config", "TOML file with any of these options; the command line wins")
        ->type_name("FILE")
        ->expected(1);
  }
}

const CLI::App& chosen_command(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* command = &program;
  for (const std::string& argument : arguments) {
    const auto subs = subcommands(*command);
    const auto sub = std::find_if(subs.begin(), subs.end(),
                                  [&](const CLI::App* candidate) { return candidate->check_name(argument); });
    if (sub == subs.end()) break;
    command = *sub;
  }
  return *command;
}

std::vector<std::string> with_config_file(const CLI::App& program, std::vector<std::string> arguments) {
  const std::string path = config_path(arguments);
  if (path.empty()) return arguments;
  std::ifstream file(path);
  if (!file)
    throw UsageError(path + ": cannot read the configuration file; check the path given to --config");
  const CLI::App& command = chosen_command(program, arguments);

  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "config" && name != "help") known.push_back(name);
    }
  }
  std::vector<std::string> added;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(file)) {
    if (!item.parents.empty() || item.name == "++" || item.name == "--") {
      throw UsageError(path + ": want plain 'option = value' lines, found the section [" +
                       (item.parents.empty() ? item.name : item.parents.front()) +
                       "]; remove the section line");
    }
    const auto* option = std::find(known.begin(), known.end(), item.name) == known.end()
                             ? nullptr
                             : command.get_option_no_throw("--" + item.name);
    if (option == nullptr) throw UsageError(path + ": " + unknown_name("key", item.name, known));
    if (!on_command_line(*option, arguments)) append_option(*option, item, path + ": " + item.name, added);
  }
  arguments.insert(arguments.end(), added.begin(), added.end());
  return arguments;
}

}  // namespace understudy::tools
