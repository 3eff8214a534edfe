#include "tools/console/world_option.h"

#include <CLI/CLI.hpp>

#include "envs/other_world/other_world.h"

namespace understudy::tools {
namespace {

ChosenWorld& chosen() {
  static ChosenWorld world;
  return world;
}

}  // namespace

const ChosenWorld& chosen_world() {
  return chosen();
}

std::vector<std::string> world_words(const std::vector<std::string>& command) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i].starts_with("--world=")) words.push_back(command[i]);
    if (command[i] == "--world" && i + 1 < command.size()) words.push_back("--world=" + command[i + 1]);
  }
  return words;
}

void add_world_option(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--world",
          [](const std::string& path) {
            const WorldFile file = read_world(path);
            use_world(other_world(file));
            chosen() = {.file = path, .sha256 = file.sha256};
          },
          "TOML file of another world: the same tasks, built differently (see: understudy envs "
          "--world-template)")
      ->type_name("FILE");
}

}  // namespace understudy::tools
