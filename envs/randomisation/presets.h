#pragma once
/// \file Published recipes of domain randomisation, as far as quantities of ours stand for theirs.

#include <string>
#include <string_view>
#include <vector>

#include "envs/randomisation/randomisation.h"

namespace understudy {

/// "dactyl", "peng" and "tobin", which `--randomise` takes in place of a file.
std::vector<std::string> randomisation_presets();
/// The recipe's text, with where each line is from; "" for a name that is none.
std::string_view preset_text(std::string_view name);

}  // namespace understudy
