#pragma once
/// \file Behavioural cloning as a training run: demonstrations in, a run directory with the best policy out.

#include <filesystem>
#include <optional>
#include <string>

#include "bc/cloning/cloning_run_config.h"
#include "bc/runs/run_hooks.h"

namespace understudy {

/// Trains from the beginning. Throws like train_run, and UsageError for options out of range.
RunResult train_cloning(const CloningRunConfig& config, bool overwrite, const RunHooks& hooks);

/// Continues the run in directory `run`. Throws like resume_run. `device` takes the place of the config's.
RunResult resume_cloning(const std::filesystem::path& run, const RunHooks& hooks,
                         const std::optional<std::string>& device = {});

}  // namespace understudy
