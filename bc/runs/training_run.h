#pragma once
/// \file A whole training job, whatever it trains: a run directory with a policy out; stops and resumes bit
/// for bit.
///
/// Every `evaluate_every` units the present policy is tried on the same few episodes. With Keep::kBest the
/// `candidates` best of them, which luck has favoured, are tried once more at the end on `final_episodes`
/// other episodes, and those figures decide (success first, then return; of equals the older). With kClosest
/// the one whose episodes were closest to the demonstrations is the run's policy, with kLast the one that
/// training ended with, whatever the task's own reward says of them. Until the end policy.pt holds the best
/// so far in this sense.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bc/runs/run_result.h"
#include "bc/runs/trainee.h"
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
struct RunProgress {
  std::string unit;  ///< "epoch" or "step"
  int count = 0;     ///< units finished
  int total = 0;
  std::string note;            ///< one line about training; may be empty
  std::optional<Trial> trial;  ///< the latest evaluation
  std::string activity;        ///< "training", "evaluating", "final evaluation"
  double done = 0;             ///< share of the present activity
};

struct RunHooks {
  std::function<void(const RunProgress&)> progress{};  ///< may be empty
  std::function<bool()> stop{};                        ///< true: save and stop; may be empty
  std::function<TrainingTask(const std::string& id)> task = registered_task;
};

/// Trains what `make` makes from the beginning, in config.out. Throws UsageError for bad options, Error for
/// bad data or when `config.out` exists and `overwrite` is false, in either case before anything is made
/// there; Interrupted once everything is saved after hooks.stop said so.
RunResult train_run(const RunConfig& config, bool overwrite, const RunHooks& hooks,
                    const std::function<std::unique_ptr<Trainee>()>& make);

/// What a checkpoint says of the run that it is of.
struct SavedOptions {
  std::string learner;
  std::string settings;       ///< as TOML
  std::string randomisation;  ///< text form; empty: none
  std::string place;          ///< begins the message of every Error
};

/// Continues the run in a directory from its last checkpoint, with the trainee that `make` makes of its
/// options; a finished run's result is returned as it is, unless its trainee now wants more units. Throws
/// Error when there is no run, its checkpoint is damaged, foreign or an earlier version's, or the
/// demonstrations have changed.
RunResult resume_run(const std::filesystem::path& path, const RunHooks& hooks,
                     const std::function<std::unique_ptr<Trainee>(const SavedOptions&)>& make);

}  // namespace understudy
