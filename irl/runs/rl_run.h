#pragma once
/// \file A whole reinforcement-learning or inverse-RL job: a task and perhaps demonstrations in, a run directory with a
/// policy out; stops and resumes bit for bit.
///
/// Every `evaluate_every` steps the present deterministic policy is tried on the same few episodes. With keep "best" the
/// three best of them, which luck has favoured, are tried once more at the end on `final_episodes` other episodes, and
/// those figures decide; with "closest" the one whose episodes were closest to the demonstrations is the run's policy, with
/// "last" the one that training ended with, whatever the task's own reward says of them.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bc/runs/metrics.h"
#include "envs/rollouts/evaluation.h"
#include "irl/runs/rl_run_config.h"

namespace understudy {

/// Where a run stands.
struct RlProgress {
  int steps = 0;  ///< taken
  int total = 0;
  int episodes = 0;           ///< ended while training
  double episode_return = 0;  ///< the task's own reward over the latest episode; NaN: none has ended
  std::optional<EvaluationSummary> evaluation;  ///< the latest one
  std::optional<double> distance;  ///< W1 to what is imitated, mean of episodes of that evaluation
  std::string activity;            ///< "training", "evaluating", "final evaluation"
  double done = 0;                 ///< share of the final evaluation
};

struct RlHooks {
  std::function<void(const RlProgress&)> progress;  ///< may be empty
  std::function<bool()> stop;                       ///< true: save and stop; may be empty
};

struct RlResult {
  std::filesystem::path policy;
  int steps = 0;              ///< at which the policy was taken
  EvaluationSummary summary;  ///< on the final episodes
  InterquartileMean middle;   ///< of their returns
  /// Exact W1 between an episode's (o, a) and the demonstrations', entries in units of the latter's deviations, mean over
  /// the first few final episodes; only when something was imitated.
  std::optional<double> distance;
  std::optional<double> expert_return;  ///< mean of the demonstrations
  double seconds = 0;                   ///< of training and evaluation, over all resumptions
};

/// Trains from the beginning. Throws UsageError for bad options, Error for bad data or when `config.out` exists and
/// `overwrite` is false, Interrupted once everything is saved after hooks.stop said so.
RlResult train_rl(const RlRunConfig& config, bool overwrite, const RlHooks& hooks);

/// Continues a run from its last checkpoint; a finished run's result is returned as it is. With `steps` it goes on until
/// that many have been taken instead, finished or not: its last policy then has the bits of a run begun with so many. Throws
/// Error when there is no run, its checkpoint is damaged, or the demonstrations have changed; UsageError unless `steps`
/// are more than before, and where learning rates fell to 0 over those. `device` takes the place of the config's.
RlResult resume_rl(const std::filesystem::path& run, const RlHooks& hooks, std::optional<int> steps = {},
                   const std::optional<std::string>& device = {});

}  // namespace understudy
