#pragma once
/// \file A whole training job: demonstrations in, a run directory with the best policy out; stops and resumes
/// bit for bit.
///
/// The best policy is the one that succeeds most often in rollouts, not the one with the lowest validation
/// loss. Every `evaluate_every` epochs the present policy is tried on the same few episodes; the most
/// successful `candidates` of them, which luck has favoured, are tried once more at the end on
/// `final_episodes` other episodes, and those figures decide (ties by return).

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_run_config.h"
#include "bc/policies/policy.h"
#include "envs/contract/environment.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// A task as training sees it.
struct TrainingTask {
  EnvironmentSpec spec;
  /// Runs the policy on episodes `options.seed`, `options.seed + 1`, ...
  std::function<std::vector<EpisodeOutcome>(const Policy&, const EvaluationOptions&)> evaluate;
};

/// The registered task called `id`; throws UsageError like make_environment.
TrainingTask registered_task(const std::string& id);

/// Where a run stands.
struct TrainingProgress {
  int epoch = 0;  ///< epochs finished
  int epochs = 0;
  CloningMetrics metrics;  ///< of the last epoch
  std::optional<double> validation_loss;
  std::optional<EvaluationSummary> evaluation;  ///< the latest one
  std::string activity;                         ///< "training", "evaluating", "final evaluation"
  double done = 0;                              ///< share of the present activity, for a progress line
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;  ///< may be empty
  std::function<bool()> stop;                             ///< true: save and stop; may be empty
  std::function<TrainingTask(const std::string& id)> task = registered_task;
};

struct TrainingResult {
  std::filesystem::path policy;  ///< path of the best policy
  int best_epoch = 0;
  EvaluationSummary best;  ///< of the best policy, on the final episodes
  int training_episodes = 0;
  int validation_episodes = 0;
  int left_out_episodes = 0;
};

/// Trains from the beginning. Throws UsageError for bad options, Error for bad data or when `config.out`
/// exists and `overwrite` is false, Interrupted once everything is saved after hooks.stop said so.
TrainingResult train_cloning(const CloningRunConfig& config, bool overwrite, const TrainingHooks& hooks);

/// Continues the run in directory `run` from its last checkpoint; a finished run's result is returned as it
/// is. Throws Error when there is no run, its checkpoint is damaged, or the demonstrations have changed. `device` takes
/// the place of the config's.
TrainingResult resume_training(const std::filesystem::path& run, const TrainingHooks& hooks,
                               const std::optional<std::string>& device = {});

}  // namespace understudy
