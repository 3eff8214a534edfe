#include "bc/policies/policy_archive.h"

#include <string>
#include <utility>
#include <vector>

#include "bc/policies/policy_tensors.h"
#include "datasets/format/space_json.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// The texts and counts of a policy, either way.
void serialise_frame(Archive& archive, Policy& policy, const std::string& place) {
  std::string observation = space_to_json(policy.observation);
  std::string action = space_to_json(policy.action);
  archive("policy task", policy.environment_id);
  archive("policy robot", policy.robot_sha256);
  archive("policy observation", observation);
  archive("policy action", action);
  archive("policy history", policy.observation_history);
  archive("policy plan", policy.planned_actions);
  archive("policy learner", policy.learner);
  archive("policy config", policy.config);
  archive("policy dataset", policy.dataset_sha256);
  archive("policy version", policy.program_version);
  if (!archive.loading()) return;
  policy.observation = space_from_json(observation, place + ": observation");
  policy.action = space_from_json(action, place + ": action");
}

std::vector<PolicyTensor> load_tensors(Archive& archive, std::vector<PolicyTensor> wanted,
                                       const std::string& place) {
  for (PolicyTensor& tensor : wanted) {
    Matrix row;  // of any size that the archive does hold
    archive(tensor.name, row);
    const std::int64_t want = at_place(place, [&] { return entries(tensor); });
    if (row.size() != want) {
      throw Error(place + ": " + tensor.name + ": want " + std::to_string(want) + " numbers, found " +
                  std::to_string(row.size()) + "; use another checkpoint or train again");
    }
    tensor.values = row.reshaped<Eigen::RowMajor>();
  }
  return wanted;
}

}  // namespace

void serialise_policy(Archive& archive, Policy& policy) {
  const std::string place = archive.place() + ": policy";
  std::string kind;
  std::string description;
  if (!archive.loading()) {
    kind = policy.network->kind();
    description = policy.network->description();
    serialise_frame(archive, policy, place);
    archive("policy kind", kind);
    archive("policy network", description);
    for (PolicyTensor& tensor : policy_tensors(policy)) {
      Matrix row = tensor.values.transpose();
      archive(tensor.name, row);
    }
    return;
  }
  Policy loaded;
  serialise_frame(archive, loaded, place);
  archive("policy kind", kind);
  archive("policy network", description);
  std::vector<PolicyTensor> tensors = load_tensors(
      archive, at_place(place, [&] { return wanted_tensors(loaded, kind, description); }), place);
  policy = assembled_policy(std::move(loaded), kind, description, std::move(tensors), place);
}

}  // namespace understudy
