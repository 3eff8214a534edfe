// What PPO, TRPO and VPG make of rollouts, and what they learn on tasks whose best policy is known.

#include <cmath>
#include <memory>
#include <numbers>

#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"
#include "irl/on_policy/advantages.h"
#include "irl/on_policy/ppo.h"
#include "irl/on_policy/trpo.h"
#include "irl/on_policy/vpg.h"
#include "irl/rewards/task_reward.h"
#include "tests/support/catch.h"
#include "tests/support/toy_tasks.h"

namespace understudy {
using namespace tests;
namespace {

/// Learns nothing; shows what it was given.
class Probe final : public OnPolicyLearner {
 public:
  using OnPolicyLearner::OnPolicyLearner;
  void learn(ScoredRollout& rollout) override {
    scored = rollout;
    ++rollouts;
  }
  double value(float observation) {
    critic_network_.forward(critic_, Matrix::Constant(1, 1, observation), critic_workspace_);
    return static_cast<double>(critic_workspace_.outputs()(0, 0));
  }
  /// Loss and gradient of the critic against central differences along a direction.
  double critic_gradient_error(double weight) {
    Rng rng(3);
    Matrix observations(20, 1);
    Vector returns(20);
    Vector direction(critic_.size());
    for (float& value : observations.reshaped()) value = static_cast<float>(rng.normal());
    for (float& value : returns) value = static_cast<float>(rng.normal());
    for (float& value : direction) value = static_cast<float>(rng.normal());
    critic_loss(observations, returns, weight);
    const auto slope = static_cast<double>(critic_gradient_.dot(direction));
    const Vector start = critic_;
    critic_ = start + 1e-3F * direction;
    const double above = critic_loss(observations, returns, weight);
    critic_ = start - 1e-3F * direction;
    const double below = critic_loss(observations, returns, weight);
    critic_ = start;
    return std::abs(weight * (above - below) / 2e-3 - slope) / std::abs(slope);
  }
  ScoredRollout scored;
  int rollouts = 0;
};

RlProblem toy_problem(int environments) {
  return {.obs_dim = 1, .act_dim = 1, .environments = environments, .horizon = 20, .seed = 5};
}

/// Lets `learner` act and tells it that the steps led from 0.1 to 0.2 to 0.3, the last one flagged so.
void three_steps(OnPolicyLearner& learner, RewardLearner& reward, bool terminated, bool truncated) {
  Steps steps;
  steps.resize(1, 1, 1);
  for (int t = 0; t < 3; ++t) {
    steps.observations(0, 0) = 0.1F * static_cast<float>(t + 1);
    steps.next_observations(0, 0) = 0.1F * static_cast<float>(t + 2);
    learner.act(steps.observations, steps.actions);
    steps.rewards(0) = 1;
    steps.terminated[0] = t == 2 && terminated;
    steps.truncated[0] = t == 2 && truncated;
    steps.streams[0] = 0;
    learner.observe(steps);
    learner.update(reward);
  }
}

class AbsorbingReward final : public RewardLearner {
 public:
  double absorbing_reward() override { return 0.25; }
};

constexpr double kGamma = 0.9;
constexpr double kLambda = 0.8;

OnPolicyConfig plain_config(int rollout) {
  return {.gamma = kGamma, .lambda = kLambda, .rollout = rollout, .normalise = false, .scale_rewards = false};
}

TEST_CASE(
    "a truncated step is worth its next observation's value, a terminated one the absorbing reward for "
    "ever") {
  const bool terminated = GENERATE(false, true);
  Probe probe(toy_problem(1), plain_config(3));
  AbsorbingReward reward;
  three_steps(probe, reward, terminated, !terminated);
  REQUIRE(probe.scored.size() == 3);
  const double end = terminated ? 0.25 / (1 - kGamma) : probe.value(0.4F);
  double sum = 0;
  for (int t = 2; t >= 0; --t) {
    const double value = probe.value(0.1F * static_cast<float>(t + 1));
    const double next = t == 2 ? end : probe.value(0.1F * static_cast<float>(t + 2));
    sum = 1 + kGamma * next - value + kGamma * kLambda * sum;
    CHECK(probe.scored.advantages(t) == Approx(sum).epsilon(1e-5));
    CHECK(probe.scored.returns(t) == Approx(sum + value).epsilon(1e-5));
  }
  CHECK(std::abs(probe.value(0.4F) - 2.5) > 0.5);  // the two ends differ
}

TEST_CASE("a rollout that ends within an episode bootstraps, and the next one begins where it stopped") {
  Probe probe(toy_problem(1), plain_config(2));
  TaskReward reward;
  three_steps(probe, reward, false, false);
  CHECK(probe.scored.size() == 2);
  CHECK(probe.scored.advantages(1) ==
        Approx(1 + kGamma * probe.value(0.3F) - probe.value(0.2F)).epsilon(1e-5));
  three_steps(probe, reward, true, false);
  CHECK(probe.rollouts == 3);
  CHECK(probe.scored.observations(0, 0) == 0.2F);  // 0.1 0.2 | 0.3 0.1 | 0.2 0.3
}

TEST_CASE("the critic's gradient is the slope of its loss") {
  Probe probe(toy_problem(1), plain_config(2));
  CHECK(probe.critic_gradient_error(1) < 1e-2);
  CHECK(probe.critic_gradient_error(0.5) < 1e-2);
}

/// Pays the action, and looks at the densities it is offered.
class DensityReward final : public RewardLearner {
 public:
  bool relabels() const override { return true; }
  void learn(const TransitionBatch& agent, ActionDensity& /*density*/) override {
    ++learned;
    rows = agent.size();
  }
  void relabel(TransitionBatch& batch, ActionDensity& density) override {
    Vector result(batch.size());
    density.log_density(batch.observations, batch.actions, result);
    // With sigma = 1, as at the start: log p(1) - log p(-1) = 2 mu.
    Vector above(batch.size()), below(batch.size());
    density.log_density(batch.observations, Matrix::Ones(batch.size(), 1), above);
    density.log_density(batch.observations, -Matrix::Ones(batch.size(), 1), below);
    for (int i = 0; i < batch.size(); ++i) {
      const auto mean = 0.5 * static_cast<double>(above(i) - below(i));
      const double distance = static_cast<double>(batch.actions(i, 0)) - mean;
      const double want = -0.5 * distance * distance - 0.5 * std::log(2 * std::numbers::pi);
      worst = std::max(worst, std::abs(want - static_cast<double>(result(i))));
    }
    batch.rewards = batch.actions.col(0);
  }
  int learned = 0, rows = 0;
  double worst = 0;
};

TEST_CASE("a reward that learns gets the rollout, the policy's density, and its rewards are learnt from") {
  Probe probe(toy_problem(4), plain_config(64));
  DensityReward reward;
  Bandit task(4);
  Rng rng(1);
  train(probe, reward, task, 16, rng);
  CHECK(reward.learned == 1);
  CHECK(reward.rows == 64);
  CHECK(reward.worst < 1e-4);
  REQUIRE(probe.scored.size() == 64);
  for (int i = 0; i < 64; ++i) {
    const float action = std::clamp(probe.scored.samples(i, 0), -1.0F, 1.0F);
    CHECK(probe.scored.returns(i) == Approx(static_cast<double>(action)).margin(1e-5));
  }
}

std::unique_ptr<RlLearner> learner_named(const std::string& name, const RlProblem& problem, int rollout,
                                         bool decay = false) {
  if (name == "ppo") {
    PpoConfig config;
    config.on_policy.rollout = rollout;
    config.on_policy.hidden = {16};
    config.on_policy.decay = decay;
    config.learning_rate = 3e-3;
    return make_ppo(problem, config);
  }
  if (name == "trpo") {
    TrpoConfig config;
    config.on_policy.rollout = rollout;
    config.on_policy.hidden = {16};
    config.max_kl = 0.03;
    config.value_learning_rate = 1e-2;
    return make_trpo(problem, config);
  }
  VpgConfig config;
  config.on_policy.rollout = rollout;
  config.on_policy.hidden = {16};
  config.on_policy.decay = decay;
  config.learning_rate = 2e-2;
  config.value_learning_rate = 1e-2;
  return make_vpg(problem, config);
}

double metric(RlLearner& learner, const std::string& name) {
  Metrics metrics;
  learner.report(metrics);
  for (const auto& [key, value] : metrics.values()) {
    if (key == name) return value;
  }
  return std::nan("");
}

TEST_CASE("PPO, TRPO and VPG find the best action of a bandit") {
  const std::string name = GENERATE("ppo", "trpo", "vpg");
  CAPTURE(name);
  const auto learner = learner_named(name, toy_problem(8), 256);
  TaskReward reward;
  Bandit task(8);
  Rng rng(2);
  train(*learner, reward, task, 32 * 100, rng);
  const Matrix action = policy_actions(learner->policy(), Matrix::Ones(1, 1));
  CHECK(static_cast<double>(action(0, 0)) == Approx(0.3).margin(0.05));
  // The reward is sharp: noise costs, and without an entropy bonus it shrinks from
  // log sigma = 0, entropy 1.42.
  CHECK(metric(*learner, "entropy") < 1.0);
}

TEST_CASE("with decay PPO and VPG move no more after the last step") {
  const std::string name = GENERATE("ppo", "vpg");
  const bool decay = GENERATE(false, true);
  CAPTURE(name, decay);
  RlProblem problem = toy_problem(4);
  problem.steps = 400;
  const auto learner = learner_named(name, problem, 200, decay);
  TaskReward reward;
  Integrator task(4);
  Rng rng(6);
  const Vector start = mlp_of(learner->policy()).parameters;
  train(*learner, reward, task, 100, rng);
  const Vector before = mlp_of(learner->policy()).parameters;
  CHECK(before != start);
  train(*learner, reward, task, 100, rng);
  CHECK((mlp_of(learner->policy()).parameters == before) == decay);
}

/// What a policy pays on the integrator from starts in [-1, 1], by what the optimum pays.
double relative_cost(const Policy& policy, float unit) {
  double found = 0;
  double best = 0;
  for (float start = -1; start <= 1; start += 0.25F) {
    for (const bool optimal : {false, true}) {
      float x = start;
      for (int t = 0; t < 20; ++t) {
        const float a = optimal ? std::clamp(-1.531F * x, -1.0F, 1.0F)
                                : policy_actions(policy, Matrix::Constant(1, 1, unit * x))(0, 0);
        (optimal ? best : found) += static_cast<double>(x * x + 0.1F * a * a);
        x += 0.5F * a;
      }
    }
  }
  return found / best;
}

TEST_CASE("PPO, TRPO and VPG come near the linear-quadratic optimum of an integrator, whatever its units") {
  const std::string name = GENERATE("ppo", "trpo", "vpg");
  const float unit = GENERATE(1.0F, 1000.0F);
  CAPTURE(name, unit);
  const auto learner = learner_named(name, toy_problem(8), 640);
  TaskReward reward;
  Integrator task(8, unit);
  Rng rng(3);
  train(*learner, reward, task, 80 * 60, rng);
  CHECK(relative_cost(learner->policy(), unit) < 1.25);
}

TEST_CASE("episodes that come back whole at their end are learnt from like steps that come back at once") {
  const std::string name = GENERATE("ppo", "trpo", "vpg");
  CAPTURE(name);
  Vector parameters[2];
  for (const bool late : {false, true}) {
    const auto learner = learner_named(name, toy_problem(8), 640);  // four episodes of each environment
    TaskReward reward;
    Integrator task(8);
    Rng rng(11);
    train(*learner, reward, task, 80 * 3, rng, late);
    CHECK(learner->updates() > 0);
    parameters[late ? 1 : 0] = mlp_of(learner->policy()).parameters;
  }
  CHECK(parameters[0] == parameters[1]);
}

TEST_CASE("TRPO's step stays within its divergence and gains") {
  const auto learner = learner_named("trpo", toy_problem(8), 640);
  TaskReward reward;
  Integrator task(8);
  Rng rng(4);
  for (int i = 0; i < 5; ++i) {
    train(*learner, reward, task, 80, rng);
    Metrics metrics;
    learner->report(metrics);
    double kl = -1, loss = 1;
    for (const auto& [name, value] : metrics.values()) {
      if (name == "kl") kl = value;
      if (name == "actor_loss") loss = value;
    }
    CHECK(learner->updates() == static_cast<std::uint64_t>(i + 1));
    CHECK(kl > 0.003);
    CHECK(kl <= 0.03);
    CHECK(loss < -0.01);  // standardised advantages: 0 before the step
  }
}

TEST_CASE("a restored learner goes on bit for bit, in the middle of a rollout") {
  const std::string name = GENERATE("ppo", "trpo", "vpg");
  CAPTURE(name);
  const auto first = learner_named(name, toy_problem(4), 200);
  TaskReward reward;
  Integrator task(4);
  Rng rng(6);
  train(*first, reward, task, 130, rng);
  Archive saving;
  first->serialise(saving);
  RlProblem problem = toy_problem(4);
  problem.seed = 77;  // everything random comes from the archive
  const auto second = learner_named(name, problem, 200);
  Archive loading(saving.bytes(), "a.ckpt");
  second->serialise(loading);
  loading.finish();
  for (RlLearner* learner : {first.get(), second.get()}) {
    Integrator same(4);
    Rng same_rng(7);
    train(*learner, reward, same, 200, same_rng);
  }
  CHECK(first->updates() == second->updates());
  CHECK(mlp_of(first->policy()).parameters == mlp_of(second->policy()).parameters);
  CHECK(first->policy().normaliser.mean == second->policy().normaliser.mean);
}

TEST_CASE("a warm start acts like the policy it was given, and one of other dimensions is refused") {
  const auto likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  const bool squash = GENERATE(false, true);
  Rng rng(10);
  auto cloned = std::make_shared<Policy>();
  const int outputs = likelihood == Likelihood::kGaussian ? 2 : 1;
  const MlpSpec spec{.inputs = 1, .hidden = {9, 5}, .outputs = outputs, .activation = Activation::kRelu};
  Vector numbers = Mlp(spec).initial_parameters(rng, 1);
  for (float& value : numbers) value += 0.1F * static_cast<float>(rng.normal());
  cloned->network = std::make_shared<const MlpPolicy>(spec, numbers, likelihood, squash);
  RlProblem problem = toy_problem(2);
  problem.warm_start = cloned;
  const auto learner = make_ppo(problem, {});
  const Matrix observations = Vector::LinSpaced(20, -2, 2);
  MlpWorkspace workspace;
  Mlp(spec).forward(numbers, observations, workspace);
  Matrix want = workspace.outputs().col(0);
  if (squash) want = want.array().tanh();
  want = want.cwiseMax(-1.0F).cwiseMin(1.0F);
  CHECK((policy_actions(learner->policy(), observations) - want).cwiseAbs().maxCoeff() < 1e-6F);

  problem.obs_dim = 2;
  CHECK_THROWS_WITH(make_ppo(problem, {}),
                    ContainsSubstring("warm start: want a policy of 2 observations and 1"));
}

TEST_CASE("options out of range are refused by name") {
  PpoConfig config;
  config.clip = 0;
  CHECK_THROWS_WITH(make_ppo(toy_problem(1), config), ContainsSubstring("--clip: want"));
  TrpoConfig trpo;
  trpo.on_policy.activation = "sigmoid";
  CHECK_THROWS_AS(make_trpo(toy_problem(1), trpo), UsageError);
}

}  // namespace
}  // namespace understudy
