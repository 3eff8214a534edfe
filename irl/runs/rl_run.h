#pragma once
/// \file Reinforcement learning or inverse RL as a training run: a task and perhaps demonstrations in, a run
/// directory with a policy out.

#include <filesystem>
#include <string>

#include "bc/runs/resume_options.h"
#include "bc/runs/run_hooks.h"
#include "bc/runs/run_result.h"
#include "irl/runs/rl_run_config.h"

namespace understudy {

/// Trains from the beginning. Throws like train_run, and UsageError for options out of range or that do not
/// go together.
RunResult train_rl(const RlRunConfig& config, bool overwrite, const RunHooks& hooks);

/// Continues a run. With `options.steps` it goes on until that many have been taken instead, finished or not:
/// its last policy then has the bits of a run begun with so many. Throws like resume_run and take_over, and
/// UsageError unless those are more than before, and where learning rates fell to 0 over them.
RunResult resume_rl(const std::filesystem::path& run, const RunHooks& hooks,
                    const ResumeOptions& options = {});

}  // namespace understudy
