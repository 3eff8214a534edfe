#include "irl/runs/clone.h"

#include <algorithm>

#include "bc/cloning/cloning.h"

namespace understudy {

std::shared_ptr<const Policy> clone_of(const ExpertTransitions& expert, const EnvironmentSpec& spec,
                                       const std::vector<int>& hidden, std::uint64_t seed) {
  CloningConfig config{.hidden = hidden, .seed = seed};
  // A batch of more rows than there are would hold them twice.
  config.batch = std::min(config.batch, expert.size());
  config.epochs = kCloneUpdates / config.epoch_updates;
  Cloning cloning(config, {.observations = expert.observations, .actions = expert.actions});
  for (int update = 0; update < kCloneUpdates; ++update) cloning.update();
  auto policy = std::make_shared<Policy>(cloning.policy());
  policy->observation = spec.observation;
  policy->action = spec.action;
  return policy;
}

}  // namespace understudy
