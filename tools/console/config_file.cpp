#include "tools/console/config_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/toml.h"

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

bool takes_number(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.starts_with("INT") || type.starts_with("UINT") || type.starts_with("FLOAT");
}

/// The value of one key as the command line would give it.
void append_option(const CLI::Option& option, const TomlValue& value, std::vector<std::string>& words) {
  const std::string name = "--" + option.get_lnames().front();
  const auto refuse = [&](const char* want) {
    throw UsageError(value.place + ": " + value.key + ": want " + want + ", found " + value.found());
  };
  if (option.get_items_expected_max() == 0) {  // a flag
    if (value.text != "true" && value.text != "false") refuse("true or false");
    if (value.text == "true") words.push_back(name);
    return;
  }
  if (value.kind == TomlValue::Kind::kBoolean && takes_number(option)) refuse("a number");
  if (value.kind == TomlValue::Kind::kArray && value.items.empty()) return;
  std::string text = value.text;
  for (const TomlValue& item : value.items) {
    if (&item != &value.items.front()) text += option.get_delimiter() != '\0' ? option.get_delimiter() : ',';
    text += item.text;
  }
  // CLI11 would take the next word after "--name=".
  words.push_back(text.empty() ? name : name + "=" + text);
  if (text.empty()) words.emplace_back();
}

std::vector<TomlValue> load(const std::string& path) {
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    throw UsageError(std::string(error.what()) + "; check the path given to --config");
  }
  try {
    return parse_toml(text, path);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

bool takes_words(const CLI::App& command) {
  const std::vector<const CLI::Option*> options = command.get_options();
  return std::any_of(options.begin(), options.end(),
                     [](const CLI::Option* option) { return option->get_positional(); });
}

void add_config_options(CLI::App& program) {
  const auto subs = program.get_subcommands([](CLI::App*) { return true; });
  for (CLI::App* sub : subs) add_config_options(*sub);
  if (subs.empty() || takes_words(program)) {
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

std::string ConfiguredArguments::located(const std::string& complaint) const {
  for (const auto& [option, place] : places) {
    // Libraries name an option without its dashes.
    const std::string_view bare = std::string_view(option).substr(2);
    if (complaint.starts_with(option + " ") || complaint.starts_with(option + ":") ||
        complaint.starts_with(std::string(bare) + ":")) {
      return place + ": " + complaint;
    }
  }
  return complaint;
}

ConfiguredArguments with_config_file(const CLI::App& program, std::vector<std::string> arguments) {
  const std::string path = config_path(arguments);
  if (path.empty()) return {std::move(arguments), {}};
  const CLI::App& command = chosen_command(program, arguments);
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "config" && name != "help") known.push_back(name);
    }
  }
  ConfiguredArguments configured{arguments, {}};
  for (const TomlValue& value : load(path)) {
    if (value.kind == TomlValue::Kind::kTable) {
      throw UsageError(value.key_place + ": want plain 'option = value' lines, found the section [" +
                       value.key + "]; remove the section line");
    }
    if (std::find(known.begin(), known.end(), value.key) == known.end()) {
      throw UsageError(value.key_place + ": " + unknown_name("key", value.key, known));
    }
    const CLI::Option& option = *command.get_option("--" + value.key);
    if (on_command_line(option, arguments)) continue;
    append_option(option, value, configured.words);
    configured.places.emplace("--" + option.get_lnames().front(), value.place);
  }
  return configured;
}

}  // namespace understudy::tools
