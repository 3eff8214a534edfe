#pragma once
/// \file `--world FILE`, for every command that runs episodes: tasks built in another world.

#include <string>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds the option. As soon as it is read every task that the command makes is built in the world of the file.
/// A wrong file is a UsageError that names file, line and key.
void add_world_option(CLI::App& command);

/// The file that was given, and the SHA-256 of what it says; empty without one. All that results say of a world.
struct ChosenWorld {
  std::string file, sha256;
};
const ChosenWorld& chosen_world();

}  // namespace understudy::tools
