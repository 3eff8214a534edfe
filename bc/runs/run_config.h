#pragma once
/// \file The options that every training run has.

#include <cstdint>
#include <string>

#include "bc/runs/candidates.h"
#include "bc/runs/setting.h"
#include "datasets/format/demonstration_choice.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {

struct RunConfig {
  std::string learner;                 ///< name of the command, e.g. "bc", "pwil"
  std::string environment;             ///< task id
  std::string out;                     ///< run directory to be made
  DemonstrationChoice demonstrations;  ///< data is empty when nothing is imitated
  std::uint64_t seed = 1;              ///< of everything random, at most 9999
  int evaluate_every = 1;              ///< units (epochs or steps); the last one always has an evaluation
  int evaluation_episodes = 20;        ///< of each
  int final_episodes = 100;            ///< of the final evaluation of each candidate
  Keep keep = Keep::kBest;
  double minutes = 0;            ///< that training and evaluation may take, over all resumptions; 0: any
  int patience = 0;              ///< evaluations without the gap falling after which training ends; 0: never
  bool ends_when_close = false;  ///< training ends where the gap is no larger than Trainee::reach()
  int candidates = 3;            ///< policies kept for the final evaluation; matters with Keep::kBest only
  bool keep_candidates = false;  ///< every evaluated policy stays in the run directory
  int threads = 1;               ///< 0: one per core
  int shards = 1;  ///< parts of every batch or rollout, for as many processes; see bc/parallel/shards.h
  std::string device = "cpu";   ///< of the networks' larger passes (bc/networks/mlp_device.h)
  std::string randomise{};      ///< file that `randomisation` is from; may be empty
  std::string randomisation{};  ///< text form of what episodes are varied by
};

/// Task, directory, and the demonstrations where there is `data` to choose.
SettingList task_settings(RunConfig& config, bool imitates);
/// How the run is evaluated and where it is computed. `units`: "Epochs" or "Steps".
SettingList evaluation_settings(RunConfig& config, const std::string& units);

/// Throws UsageError naming the option: what `settings`, all of the run's, do not allow, nothing where
/// something is wanted, a device that is not there.
void validate(const RunConfig& config, const SettingList& settings);

/// What the run's episodes are varied by. Throws Error when it cannot be read.
Randomisation randomisation_of(const RunConfig& config);

}  // namespace understudy
