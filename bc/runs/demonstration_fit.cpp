#include "bc/runs/demonstration_fit.h"

#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"

namespace understudy {

void fit_demonstrations(DemonstrationReader& reader, const std::string& file, const EnvironmentSpec& spec) {
  const DatasetHeader& header = reader.header();
  const bool alike = without_folder(spec.id) == without_folder(header.environment_id);
  if (header.environment_id.empty() || (!reader.is_ours() && alike)) {
    reader.fit(spec.observation, spec.action);
    return;
  }
  if (!reader.is_ours()) {
    throw Error(file + ": want demonstrations of " + spec.id + ", found another program's, of its " +
                header.environment_id + "; bring them in with `understudy data convert " + file + " --env " +
                spec.id + " --out NEW.h5`");
  }
  const bool same = same_task(spec.id, spec.robot_sha256, header.environment_id, header.robot_sha256);
  if (!same && alike && !header.robot_sha256.empty()) {
    throw Error(file + ": want demonstrations of the robot in " + spec.id + ", SHA-256 " + spec.robot_sha256 +
                ", found those of another version of its file, " + header.robot_sha256 +
                "; bring that version of the file back, or record anew");
  }
  if (!same) {
    throw Error(file + ": want demonstrations of " + spec.id + ", found those of " + header.environment_id +
                "; choose another file or --env " + header.environment_id);
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
