#include "irl/runs/clone.h"

#include <algorithm>
#include <utility>

#include "bc/cloning/cloning.h"
#include "bc/policies/mlp_policy.h"

namespace understudy {
namespace {

/// What never changes in the demonstrations is 0 for a clone, and what is learnt from then on must see it change: the
/// entry gets the scale 1, and the network weights that do not look at it yet.
void see_constants(Policy& policy) {
  const MlpPolicy& clone = mlp_of(policy);
  const Mlp network(clone.spec);
  Vector parameters = clone.parameters;
  Eigen::Map<Matrix> first(parameters.data() + network.weight_offset(0), network.width(0), network.width(1));
  for (int i = 0; i < policy.normaliser.size(); ++i) {
    if (policy.normaliser.scale(i) != 0) continue;
    policy.normaliser.scale(i) = 1;
    first.row(i).setZero();
  }
  policy.network =
      std::make_shared<const MlpPolicy>(clone.spec, std::move(parameters), clone.likelihood, clone.squash);
}

}  // namespace

std::shared_ptr<const Policy> clone_of(const ExpertTransitions& expert, const EnvironmentSpec& spec,
                                       const std::vector<int>& hidden, std::uint64_t seed) {
  CloningConfig config{.hidden = hidden, .seed = seed};
  // A batch of more rows than there are would hold them twice.
  config.batch = std::min(config.batch, expert.size());
  config.epochs = kCloneUpdates / config.epoch_updates;
  Cloning cloning(config, {.observations = expert.observations, .actions = expert.actions});
  for (int update = 0; update < kCloneUpdates; ++update) cloning.update();
  auto policy = std::make_shared<Policy>(cloning.policy());
  see_constants(*policy);
  policy->observation = spec.observation;
  policy->action = spec.action;
  return policy;
}

}  // namespace understudy
