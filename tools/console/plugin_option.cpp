#include "tools/console/plugin_option.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "datasets/types/error.h"
#include "envs/tasks/plugins.h"

namespace understudy::tools {
namespace {

constexpr const char* kVariable = "UNDERSTUDY_PLUGINS";

std::vector<std::string>& loaded() {
  static std::vector<std::string> files;
  return files;
}

void load_each(const std::string& files, char between) {
  std::istringstream text(files);
  for (std::string file; std::getline(text, file, between);) {
    if (file.empty()) continue;
    load_plugin(file);
    loaded().push_back(std::filesystem::absolute(file).lexically_normal().string());
  }
}

}  // namespace

void add_plugin_options(CLI::App& program) {
  for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; }))
    add_plugin_options(*command);
  program
      .add_option("--plugin", "Library with tasks of your own; may be repeated (see also UNDERSTUDY_PLUGINS)")
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->delimiter(',');
}

void load_plugins(std::vector<std::string>& arguments) {
  const std::string option = "--plugin";
  std::vector<std::string> others;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == option) {
      if (++i == arguments.size()) throw UsageError(option + ": want a file after it, found none");
      load_each(arguments[i], ',');
    } else if (argument.rfind(option + "=", 0) == 0) {
      load_each(argument.substr(option.size() + 1), ',');
    } else {
      others.push_back(argument);
    }
  }
  arguments = std::move(others);
}

void load_plugins_of_environment() {
  if (const char* files = std::getenv(kVariable)) load_each(files, ':');
}

std::vector<std::string> loaded_plugins() {
  return loaded();
}

void pass_plugins_on(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ":") + file;
  ::setenv(kVariable, text.c_str(), 1);
}

}  // namespace understudy::tools
