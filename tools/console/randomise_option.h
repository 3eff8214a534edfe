#pragma once
/// \file `--randomise FILE`, for every command that runs episodes.

#include <string>

#include "envs/randomisation/randomisation.h"

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds the option; `path` stays empty when it is not given.
void add_randomise_option(CLI::App& command, std::string& path);

/// What the file says; nothing for an empty path. Throws UsageError naming the file and the line that is
/// wrong or the key that the task does not have, and like make_environment.
Randomisation load_randomisation(const std::string& path, const std::string& environment_id);

}  // namespace understudy::tools
