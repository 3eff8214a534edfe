#include "envs/rollouts/rollout.h"

#include "datasets/types/error.h"
#include "envs/contract/watching_actor.h"

namespace understudy {

Episode rollout(Environment& environment, Actor& actor, std::uint64_t seed, const RolloutOptions& options) {
  const EnvironmentSpec& spec = environment.spec();
  Episode episode;
  episode.seed = seed;
  episode.observations.resize(spec.horizon + 1, spec.observation.size());
  episode.actions.resize(spec.horizon, spec.action.size());
  if (options.keep_states) episode.states.resize(spec.horizon + 1, environment.state_dim());

  Vector observation(spec.observation.size()), action(spec.action.size());
  State state(options.keep_states ? environment.state_dim() : 0);
  Matrix seen(1, spec.observation.size()), chosen(1, spec.action.size());
  const auto keep = [&](int t) {
    episode.observations.row(t) = observation.transpose();
    if (!options.keep_states) return;
    environment.read_state(state);
    episode.states.row(t) = state.transpose();
  };

  watch(actor, environment);
  environment.reset(seed, observation);
  episode.variation = to_json(environment.variation());
  actor.reset(0, seed);
  keep(0);
  int length = 0;
  while (!episode.terminated && !episode.truncated) {
    if (length == spec.horizon) {
      throw Error(spec.id + ": the episode went past the horizon of " + std::to_string(spec.horizon) +
                  " steps: wrap the environment in a TimeLimit");
    }
    seen.row(0) = observation.transpose();
    actor.act(seen, chosen);
    action = chosen.row(0).transpose().cwiseMax(-1.0F).cwiseMin(1.0F);
    const StepResult result = environment.step(action, observation);
    episode.actions.row(length) = action.transpose();
    episode.rewards.push_back(result.reward);
    episode.terminated = result.terminated;
    episode.truncated = result.truncated;
    episode.success = result.success;
    keep(++length);
  }
  episode.observations.conservativeResize(length + 1, Eigen::NoChange);
  episode.actions.conservativeResize(length, Eigen::NoChange);
  if (options.keep_states) episode.states.conservativeResize(length + 1, Eigen::NoChange);
  return episode;
}

}  // namespace understudy
