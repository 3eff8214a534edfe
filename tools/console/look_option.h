#pragma once
/// \file `--look FILE`, for the commands that draw what cameras see.

#include <optional>
#include <string>

#include "envs/rendering/look.h"

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds the option; `path` stays empty when it is not given.
void add_look_option(CLI::App& command, std::string& path);

/// What the file says; nothing for an empty path. Throws UsageError naming the file, and the line that is wrong.
std::optional<Looks> load_looks(const std::string& path);

}  // namespace understudy::tools
