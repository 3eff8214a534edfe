#pragma once
/// \file What recipes of domain randomisation change from step to step, in the toolkit's own bodies: worlds to train in.

#include <string>
#include <string_view>
#include <vector>

namespace understudy {

/// "dactyl", "forces" and "peng", which `--world` takes in place of a file.
std::vector<std::string> world_presets();
/// The text of parse_world(), with where each line is from; "" for a name that is none.
std::string_view world_preset_text(std::string_view name);

}  // namespace understudy
