#pragma once
/// \file Behavioural cloning as a training run: demonstrations in, a run directory with the best policy out.

#include <filesystem>

#include "bc/cloning/cloning_run_config.h"
#include "bc/runs/resume_options.h"
#include "bc/runs/run_hooks.h"
#include "bc/runs/run_result.h"

namespace understudy {

/// Trains from the beginning. Throws like train_run, and UsageError for options out of range.
RunResult train_cloning(const CloningRunConfig& config, bool overwrite, const RunHooks& hooks);

/// Continues the run in directory `run`, whose length cannot change. Throws like resume_run and take_over, and
/// UsageError for `options.steps`.
RunResult resume_cloning(const std::filesystem::path& run, const RunHooks& hooks,
                         const ResumeOptions& options = {});

}  // namespace understudy
