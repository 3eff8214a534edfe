#include "envs/rollouts/rollout.h"

#include <chrono>

#include "datasets/types/error.h"
#include "envs/contract/watching_actor.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}
double seconds_since(Clock::time_point start) {
  return seconds_between(start, Clock::now());
}

}  // namespace

Episode rollout(Environment& environment, Actor& actor, std::uint64_t seed, const RolloutOptions& options) {
  const EnvironmentSpec& spec = environment.spec();
  Episode episode;
  episode.seed = seed;
  episode.observations.resize(spec.horizon + 1, spec.observation.size());
  episode.actions.resize(spec.horizon, spec.action.size());
  if (options.keep_states) episode.states.resize(spec.horizon + 1, environment.state_dim());

  Vector observation(spec.observation.size());
  State state(options.keep_states ? environment.state_dim() : 0);
  Matrix seen(1, spec.observation.size()), chosen(1, spec.action.size());
  const auto keep = [&](int t) {
    episode.observations.row(t) = observation.transpose();
    if (!options.keep_states) return;
    environment.read_state(state);
    episode.states.row(t) = state.transpose();
  };

  watch(actor, environment);
  const double engine_before = environment.engine_seconds();
  const Clock::time_point began = Clock::now();
  environment.reset(seed, observation);
  double simulating = seconds_since(began);
  episode.variation = to_json(environment.variation());
  actor.reset(0, seed);
  keep(0);
  int length = 0;
  StepResult result;
  while (!result.terminated && !result.truncated) {
    if (length == spec.horizon) {
      throw Error(spec.id + ": the episode went past the horizon of " + std::to_string(spec.horizon) +
                  " steps: wrap the environment in a TimeLimit");
    }
    seen.row(0) = observation.transpose();
    const Clock::time_point asked = Clock::now();
    actor.act(seen, chosen);
    const Clock::time_point answered = Clock::now();
    result = environment.step(chosen.row(0).transpose(), observation);
    simulating += seconds_since(answered);
    if (options.times != nullptr) options.times->acting.add(seconds_between(asked, answered));
    episode.actions.row(length) = chosen.row(0).cwiseMax(-1.0F).cwiseMin(1.0F);
    episode.rewards.push_back(result.reward);
    keep(++length);
  }
  episode.terminated = result.terminated;
  episode.truncated = result.truncated;
  episode.success = result.success;
  if (options.last != nullptr) *options.last = result;
  if (options.times != nullptr) {
    options.times->busy += seconds_since(began);
    options.times->simulating += simulating;
    options.times->engine += environment.engine_seconds() - engine_before;
  }
  episode.observations.conservativeResize(length + 1, Eigen::NoChange);
  episode.actions.conservativeResize(length, Eigen::NoChange);
  if (options.keep_states) episode.states.conservativeResize(length + 1, Eigen::NoChange);
  return episode;
}

}  // namespace understudy
