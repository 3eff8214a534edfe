#pragma once
/// \file What imitation takes when nobody says otherwise: one recipe per learner, the same for every task. Nothing in them
/// looks at a task's name or reward. The papers' own values are the configs' (default_rl_run).

#include "irl/runs/rl_run_config.h"

namespace understudy {

/// The run of `understudy imitate`, but for task, demonstrations, seed and directory.
RlRunConfig imitation_recipe();

/// What `understudy train LEARNER` takes: for a learner that imitates a clone to begin at where that helps, networks of
/// 64-64 and an early end; `settings` are those of the run's own RL learner and reward that differ from the papers'. For
/// all others default_rl_run. Throws UsageError for an unknown name.
RlRunConfig recipe_of(const std::string& learner);

/// Fills in, of what `recipe_of(config.learner)` has, the settings that `config.settings` does not have: those of the RL
/// learner only if `config.rl` is the recipe's, those that keep a clone only if it begins at a policy; another learner that
/// does gets such of its own.
void take_settings(const RlRunConfig& recipe, RlRunConfig& config);

}  // namespace understudy
