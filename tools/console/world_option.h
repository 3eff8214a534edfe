#pragma once
/// \file `--world FILE`, for every command that runs episodes: tasks built in another world.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace understudy {
struct RunHooks;
}

namespace understudy::tools {

/// Adds the option. As soon as it is read every task that the command makes is built in the world of the file.
/// A wrong file is a UsageError that names file, line and key.
void add_world_option(CLI::App& command);

/// Has a run leave `world.json` in its directory `out`: file and SHA-256 of the chosen world. Nothing without one.
void keep_world(RunHooks& hooks, const std::string& out);
/// Throws UsageError unless the chosen world is the one that the run in `directory` was in.
void want_world_of(const std::string& directory);

/// The file that was given, and the SHA-256 of what it says; empty without one. All that results say of a world.
struct ChosenWorld {
  std::string file, sha256;
};
const ChosenWorld& chosen_world();

/// The words of `--world` among those of a command, as one word: what resuming its run wants too.
std::vector<std::string> world_words(const std::vector<std::string>& command);

}  // namespace understudy::tools
