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

#include "bc/cloning.h"
#include "bc/cloning_data.h"
#include "envs/environment.h"
#include "envs/evaluation.h"

namespace understudy {

struct CloningRunConfig {
  std::string data;                    ///< demonstrations, HDF5
  std::string environment;             ///< task id
  std::string out;                     ///< run directory to be made
  CloningConfig cloning;               ///< cloning.seed is the run's seed
  DemonstrationChoice demonstrations;  ///< its seed is not used: the run's is
  int evaluate_every = 5;        ///< epochs between two evaluations, >= 1; the last epoch always has one
  int evaluation_episodes = 20;  ///< episodes of each, >= 1
  int candidates = 3;            ///< policies kept for the final evaluation, >= 1
  int final_episodes = 100;      ///< episodes of the final evaluation of each, >= 1
  int threads = 0;               ///< for evaluation; 0: one per core. Results do not depend on it
  int blas_threads = 1;          ///< for matrix products, >= 1; results may depend on it
};

/// Throws UsageError naming the option.
void validate(const CloningRunConfig& config);

/// The resolved options as TOML that `understudy train bc --config` accepts.
std::string to_toml(const CloningRunConfig& config);

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
/// is. Throws Error when there is no run, its checkpoint is damaged, or the demonstrations have changed.
TrainingResult resume_training(const std::filesystem::path& run, const TrainingHooks& hooks);

}  // namespace understudy
