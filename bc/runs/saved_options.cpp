#include "bc/runs/saved_options.h"

#include <filesystem>

#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"

namespace understudy {

void take_over(const ResumeOptions& options, const SavedOptions& saved, RunConfig& config) {
  if (options.device) config.device = *options.device;
  if (options.data) config.demonstrations.data = std::filesystem::absolute(*options.data).string();
  if (options.environment) {
    if (!same_task(config.environment, saved.robot_sha256, *options.environment, saved.robot_sha256)) {
      throw UsageError("--env: want the run's task " + config.environment + ", found " +
                       *options.environment);
    }
    config.environment = with_absolute_file(*options.environment);
  }
  if (saved.robot_sha256.empty()) return;
  if (const auto robot = robot_file(config.environment); robot && !std::filesystem::exists(*robot)) {
    throw Error(robot->string() + ": want the robot that the run began with, SHA-256 " + saved.robot_sha256 +
                ", found no file; put it back there, or say where it is with --env");
  }
}

void restore_config(const SavedOptions& saved, const ResumeOptions& options, const SettingList& settings,
                    RunConfig& config) {
  for (const auto& [name, value] : read_settings(settings, saved.settings, saved.place))
    throw Error(saved.place + ": --" + name + " is no option of " + config.learner + "; train again");
  config.randomisation = saved.randomisation;
  take_over(options, saved, config);
}

void serialise(Archive& archive, SavedOptions& options) {
  archive("learner", options.learner);
  archive("settings", options.settings);
  archive("randomisation", options.randomisation);
  archive("robot", options.robot_sha256);
}

}  // namespace understudy
