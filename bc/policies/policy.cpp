#include "bc/policies/policy.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

void want_size(const std::string& place, const char* field, Eigen::Index want, Eigen::Index found) {
  if (want == found) return;
  throw Error(place + ": " + field + ": want " + std::to_string(want) + " entries, found " +
              std::to_string(found));
}

}  // namespace

std::string likelihood_name(Likelihood likelihood) {
  return likelihood == Likelihood::kMse ? "mse" : "gaussian";
}

Likelihood parse_likelihood(const std::string& name) {
  if (name == "mse") return Likelihood::kMse;
  if (name == "gaussian") return Likelihood::kGaussian;
  throw UsageError(unknown_name("likelihood", name, {"gaussian", "mse"}));
}

void check_policy(const Policy& policy, const std::string& place) {
  const Mlp network(policy.network);
  const int actions = policy.action.size();
  want_size(place, "network inputs", policy.observation.size(), policy.network.inputs);
  want_size(place, "network outputs", policy.likelihood == Likelihood::kGaussian ? 2 * actions : actions,
            policy.network.outputs);
  want_size(place, "normaliser mean", policy.observation.size(), policy.normaliser.mean.size());
  want_size(place, "normaliser scale", policy.observation.size(), policy.normaliser.scale.size());
  want_size(place, "parameters", network.parameter_count(), policy.parameters.size());
  // Neither actors nor files know it: only critics are normalised so far.
  if (policy.network.layer_norm) throw Error(place + ": network: want one without layer_norm");
  if (!policy.normaliser.mean.allFinite() || !policy.normaliser.scale.allFinite()) {
    throw Error(place + ": normaliser: an entry is not finite; train the policy again");
  }
  if (!policy.parameters.allFinite())
    throw Error(place + ": parameters: one is not finite; train the policy again");
}

void check_policy_fits(const Policy& policy, const EnvironmentSpec& spec) {
  if (policy.environment_id != spec.id) {
    throw Error("policy of another task: want one for " + spec.id + ", found one for " +
                policy.environment_id + "; choose --env " + policy.environment_id + " or another policy");
  }
  const auto refuse = [&](const std::string& space, const std::string& why) {
    throw Error("policy does not fit " + spec.id + ": " + space + ": " + why +
                "; the task has changed since: train the policy again");
  };
  const std::string observation = space_mismatch(spec.observation, policy.observation);
  if (!observation.empty()) refuse("observation", observation);
  const std::string action = space_mismatch(spec.action, policy.action);
  if (!action.empty()) refuse("action", action);
}

}  // namespace understudy
