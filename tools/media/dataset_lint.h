#pragma once
/// \file What judging demonstrations takes beside the file: the simulator, and distances of distributions.

#include <filesystem>

#include "datasets/curation/lint.h"

namespace understudy::tools {

/// `options` with `distance`, where there is LibTorch.
LintOptions with_distance(LintOptions options);

/// `options` with `simulate`, where the dataset's task is known and has a success criterion; `why` says why not, or is
/// empty. Simulating takes most of the time that judging takes.
LintOptions with_simulator(LintOptions options, const DemonstrationReader& reader,
                           const std::filesystem::path& file, std::string& why);

}  // namespace understudy::tools
