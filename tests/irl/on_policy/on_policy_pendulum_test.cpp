// PPO on a task of the suite.

#include <memory>

#include "envs/rollouts/batched_environment.h"
#include "envs/rollouts/evaluation.h"
#include "envs/tasks/registry.h"
#include "irl/on_policy/ppo.h"
#include "irl/rewards/task_reward.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

// The task counts 950 as solved, 1000 is the most. With seeds 1 to 8 the mean of 50
// episodes was 1000.0 every time.
TEST_CASE("PPO balances InvertedPendulum within 60000 steps", "[slow]") {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  BatchedEnvironment environments([] { return make_environment("InvertedPendulum"); },
                                  {.batch = 8, .threads = 1, .seed = seed * 100000});
  const EnvironmentSpec& spec = environments.spec();
  const auto learner = make_ppo({.obs_dim = spec.observation.size(),
                                 .act_dim = spec.action.size(),
                                 .environments = 8,
                                 .horizon = spec.horizon,
                                 .seed = seed},
                                {});
  TaskReward reward;
  Steps steps;
  steps.resize(8, spec.observation.size(), spec.action.size());
  for (int row = 0; row < 8; ++row) steps.streams[static_cast<std::size_t>(row)] = row;
  steps.observations = environments.reset().observations;
  for (int t = 0; t < 60000 / 8; ++t) {
    learner->act(steps.observations, steps.actions);
    const BatchStep& step = environments.step(steps.actions);
    steps.next_observations = step.final_observations;
    steps.rewards = step.rewards;
    steps.terminated = step.terminated;
    steps.truncated = step.truncated;
    learner->observe(steps);
    learner->update(reward);
    steps.observations = step.observations;
  }
  Policy policy = learner->policy();
  policy.observation = spec.observation;
  policy.action = spec.action;
  EvaluationOptions options;
  options.episodes = 50;
  const auto outcomes = evaluate(
      "InvertedPendulum", [&] { return policy_actor(policy); }, options);
  CHECK(summarise(outcomes).mean_return >= 950);
}

}  // namespace
}  // namespace understudy
