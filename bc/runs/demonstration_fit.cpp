#include "bc/runs/demonstration_fit.h"

#include <optional>

#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"

namespace understudy {

void check_demonstrations_fit(const DemonstrationReader& reader, const std::string& file,
                              const EnvironmentSpec& spec) {
  const DatasetHeader& header = reader.header();
  if (header.environment_id != spec.id) {
    throw Error(file + ": want demonstrations of " + spec.id + ", found those of " + header.environment_id +
                "; choose another file or --env " + header.environment_id);
  }
  // Only a recording that was made with a robot's file knows its checksum; a task need not be registered
  // otherwise.
  if (const auto robot = header.robot_sha256.empty() ? std::nullopt : robot_file(spec.id)) {
    const std::string difference = robot_difference(header, *robot);
    if (!difference.empty()) throw Error(difference);
  }
  const auto want = [&](const char* name, const Space& wanted, const Space& found) {
    const std::string why = space_mismatch(wanted, found);
    if (!why.empty()) {
      throw Error(file + ": " + name + ": " + why + "; the task " + spec.id +
                  " has changed since: record again");
    }
  };
  want("observation", spec.observation, header.observation);
  want("action", spec.action, header.action);
}

}  // namespace understudy
