#pragma once
/// \file The options of a run that its checkpoint keeps, and how they become a config again.

#include <string>

#include "bc/runs/resume_options.h"
#include "bc/runs/run_config.h"
#include "bc/runs/setting.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// What a checkpoint says of the run that it is of.
struct SavedOptions {
  std::string learner;
  std::string settings;       ///< as TOML
  std::string randomisation;  ///< text form; empty: none
  std::string robot_sha256;   ///< of the file that the task names; empty: it names none
  std::string place;          ///< begins the message of every Error
};

/// Takes device, environment and data into the config of a saved run. Throws UsageError for another task, and
/// Error when the file of the task's robot is not there.
void take_over(const ResumeOptions& options, const SavedOptions& saved, RunConfig& config);

/// Reads the options of a saved run into `config`, of which `settings` are all, and takes the others over. Throws Error
/// for an option that the learner does not have, and like take_over.
void restore_config(const SavedOptions& saved, const ResumeOptions& options, const SettingList& settings,
                    RunConfig& config);

/// All but the place.
void serialise(Archive& archive, SavedOptions& options);

}  // namespace understudy
