#pragma once
/// \file Reinforcement learning or inverse RL as a training run: a task and perhaps demonstrations in, a run
/// directory with a policy out.

#include <filesystem>
#include <optional>
#include <string>

#include "bc/runs/run_hooks.h"
#include "irl/runs/rl_run_config.h"

namespace understudy {

/// Trains from the beginning. Throws like train_run, and UsageError for options out of range or that do not
/// go together.
RunResult train_rl(const RlRunConfig& config, bool overwrite, const RunHooks& hooks);

/// Continues a run. With `steps` it goes on until that many have been taken instead, finished or not: its
/// last policy then has the bits of a run begun with so many. Throws like resume_run, and UsageError unless
/// `steps` are more than before, and where learning rates fell to 0 over those. `device` takes the place of
/// the config's.
RunResult resume_rl(const std::filesystem::path& run, const RunHooks& hooks, std::optional<int> steps = {},
                    const std::optional<std::string>& device = {});

}  // namespace understudy
