#include "bc/policies/policy.h"

#include "bc/policies/policy_tensors.h"
#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

void want_positive(const std::string& place, const char* field, int found) {
  if (found >= 1) return;
  throw Error(place + ": " + field + ": want at least 1, found " + std::to_string(found));
}

}  // namespace

void check_policy(const Policy& policy, const std::string& place) {
  if (policy.network == nullptr) throw Error(place + ": want a network, found none");
  want_positive(place, "observation_history", policy.observation_history);
  want_positive(place, "planned_actions", policy.planned_actions);
  want_size(place, "normaliser mean", policy.observation.size(), policy.normaliser.mean.size());
  want_size(place, "normaliser scale", policy.observation.size(), policy.normaliser.scale.size());
  if (!policy.normaliser.mean.allFinite() || !policy.normaliser.scale.allFinite()) {
    throw Error(place + ": normaliser: an entry is not finite; train the policy again");
  }
  policy.network->check(policy, place);
}

Sight sight_of(const Policy& policy) {
  return sight_in(policy.observation, policy.network->cameras());
}

void check_policy_fits(const Policy& policy, const EnvironmentSpec& spec) {
  if (!same_task(policy.environment_id, policy.robot_sha256, spec.id, spec.robot_sha256)) {
    if (!policy.robot_sha256.empty() && without_folder(spec.id) == without_folder(policy.environment_id)) {
      throw Error("policy of another version of the robot: want one for " + spec.id + ", SHA-256 " +
                  spec.robot_sha256 + ", found one for SHA-256 " + policy.robot_sha256 +
                  "; bring that version of the file back, or train again");
    }
    throw Error("policy of another task: want one for " + spec.id + ", found one for " +
                policy.environment_id + "; choose --env " + policy.environment_id + " or another policy");
  }
  const auto refuse = [&](const std::string& space, const std::string& why) {
    throw Error("policy does not fit " + spec.id + ": " + space + ": " + why +
                "; the task has changed since: train the policy again");
  };
  const Sight sight = sight_of(policy);
  Space wanted = spec.observation;
  if (!sight.cameras.empty()) {
    try {
      wanted = seen_space(spec.observation, sight);
    } catch (const Error& error) {
      refuse("observation", error.what());
    }
  }
  const std::string observation = space_mismatch(wanted, policy.observation);
  if (!observation.empty()) refuse("observation", observation);
  const std::string action = space_mismatch(spec.action, policy.action);
  if (!action.empty()) refuse("action", action);
}

std::unique_ptr<Actor> policy_actor(const Policy& policy) {
  check_policy(policy, "policy");
  return policy.network->make_actor(policy);
}

}  // namespace understudy
