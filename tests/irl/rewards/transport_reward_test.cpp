// Rewards from optimal transport: PWIL step by step, the others episode by episode.

#include "bc/libtorch/tensor_batch.h"
#include "datasets/types/random_matrix.h"
#include "irl/couplings/ground_cost.h"
#include "irl/couplings/sinkhorn_coupling.h"
#include "irl/rewards/otr_reward.h"
#include "irl/rewards/pwil_learner.h"
#include "irl/rewards/sinkhorn_reward.h"
#include "irl/rewards/sliced_reward.h"
#include "tests/support/torch.h"

namespace understudy {
namespace {

/// An expert that walks a line: observation (t, -t), action t / n.
ExpertTransitions walking_expert(int n) {
  ExpertTransitions expert;
  expert.observations.resize(n, 2);
  expert.actions.resize(n, 1);
  for (int t = 0; t < n; ++t) {
    expert.observations.row(t) << static_cast<float>(t), -static_cast<float>(t);
    expert.actions(t, 0) = static_cast<float>(t) / static_cast<float>(n);
  }
  expert.next_observations = expert.observations;
  expert.terminated.assign(static_cast<std::size_t>(n), 0);
  return expert;
}

/// The expert's own steps, in one stream; the last one truncated.
Steps episode_of(const ExpertTransitions& expert, int stream = 0) {
  Steps steps;
  steps.resize(expert.size(), 2, 1);
  steps.observations = expert.observations;
  steps.actions = expert.actions;
  steps.next_observations = expert.next_observations;
  steps.rewards.setZero();
  std::fill(steps.terminated.begin(), steps.terminated.end(), std::uint8_t{0});
  std::fill(steps.truncated.begin(), steps.truncated.end(), std::uint8_t{0});
  steps.truncated.back() = 1;
  std::fill(steps.streams.begin(), steps.streams.end(), stream);
  return steps;
}

}  // namespace

TEST_CASE("an expert that is replayed earns the whole reward of every Wasserstein method", "[irl]") {
  const ExpertTransitions expert = walking_expert(40);
  const ImitationProblem problem{.expert = &expert, .environments = 1, .horizon = 40};
  const auto mean_reward = [&](RewardLearner& reward) {
    Steps steps = episode_of(expert);
    reward.score(steps);
    return static_cast<double>(steps.rewards.mean());
  };
  CHECK(mean_reward(*make_pwil(problem, {})) == Approx(5).epsilon(1e-4));
  CHECK(mean_reward(*make_sliced(problem, {})) == Approx(5).epsilon(1e-4));
  // All steps of one direction look alike to a cosine, so the plan may be any; the cost is 0.
  OtrConfig otr;
  CHECK(mean_reward(*make_otr(problem, otr)) <= 5);
  CHECK(mean_reward(*make_otr(problem, otr)) > 4);
}

TEST_CASE("a step one deviation per entry away earns 5 exp(-5) from PWIL and from slices", "[irl]") {
  const ExpertTransitions expert = walking_expert(40);
  const ImitationProblem problem{.expert = &expert, .environments = 1, .horizon = 40};
  // Moving a measure as a whole by delta costs |delta| on every line: c = |delta| / sqrt(dim).
  Steps moved = episode_of(expert);
  const Normaliser scale = atom_standardiser(expert.observations);
  moved.observations.col(0).array() += 10 / scale.scale(0);
  moved.observations.col(1).array() += 10 / scale.scale(1);
  moved.actions.array() += 10 / atom_standardiser(expert.actions).scale(0);
  SlicedRewardConfig config;
  config.beta = 0.1;
  config.directions = 4000;
  make_sliced(problem, config)->score(moved);
  CHECK(moved.rewards.mean() == Approx(5 * std::exp(-0.1 * 10)).epsilon(0.05));
}

TEST_CASE("PWIL couples each environment by itself and begins anew with every episode", "[irl]") {
  const ExpertTransitions expert = walking_expert(30);
  const ImitationProblem problem{.expert = &expert, .environments = 2, .horizon = 30};
  const auto together = make_pwil(problem, {});
  // Two environments in turn, one of them replaying backwards.
  Steps one;
  one.resize(2, 2, 1);
  one.streams = {0, 1};
  double sums[2] = {};
  for (int episode = 0; episode < 2; ++episode) {
    for (int t = 0; t < 30; ++t) {
      const int back = 29 - t;
      one.observations.row(0) = expert.observations.row(t);
      one.observations.row(1) = expert.observations.row(back);
      one.actions.row(0) = expert.actions.row(t);
      one.actions.row(1) = expert.actions.row(back);
      one.terminated = {0, 0};
      one.truncated.assign(2, t == 29);
      together->score(one);
      sums[episode] += static_cast<double>(one.rewards.sum());
    }
  }
  // Every step finds its own atom in both: all rewards are 5.
  CHECK(sums[0] == Approx(2 * 30 * 5).epsilon(1e-4));
  CHECK(sums[1] == Approx(sums[0]).epsilon(1e-6));
}

TEST_CASE("PWIL's prefill is the expert over and over with the reward of a perfect match", "[irl]") {
  const ExpertTransitions expert = walking_expert(30);
  PwilLearnerConfig config;
  config.prefill = 70;
  const auto reward = make_pwil({.expert = &expert, .environments = 1, .horizon = 30}, config);
  const Steps* steps = reward->prefill();
  REQUIRE(steps != nullptr);
  CHECK(steps->size() == 70);
  CHECK(steps->rewards.minCoeff() == 5);
  CHECK(steps->observations.row(65) == expert.observations.row(5));
  CHECK(make_pwil({.expert = &expert, .environments = 1, .horizon = 30}, {})->prefill() == nullptr);
}

TEST_CASE("the gradient of a coupling's cosine cost agrees with autograd", "[irl]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  Matrix x(6, 4), y(9, 4);
  fill_normal(rng, x);
  fill_normal(rng, y);
  const CostMatrix cost = ground_cost(GroundCost::kCosine, x, y);
  const SinkhornCoupling coupling =
      sinkhorn_coupling(cost, uniform_weights(6), uniform_weights(9), {.epsilon = 0.1});
  Matrix x_gradient(6, 4), y_gradient(9, 4);
  const double value = cosine_cost_gradient(coupling.plan, x, y, x_gradient, y_gradient);
  CHECK(value == Approx(coupling.cost).epsilon(1e-5));

  const auto t_x = to_tensor(x).requires_grad_(true);
  const auto t_y = to_tensor(y).requires_grad_(true);
  const auto unit = [](const torch::Tensor& t) { return t / t.norm(2, 1, true); };
  const auto t_cost = 1 - torch::matmul(unit(t_x), unit(t_y).t());
  (to_tensor(coupling.plan.cast<float>()) * t_cost).sum().backward();
  CHECK((to_matrix(t_x.grad(), 6, 4, "x") - x_gradient).cwiseAbs().maxCoeff() < 1e-5F);
  CHECK((to_matrix(t_y.grad(), 9, 4, "y") - y_gradient).cwiseAbs().maxCoeff() < 1e-5F);
}

TEST_CASE("SIL's critic learns features under which learner and expert are further apart", "[irl]") {
  const ExpertTransitions expert = walking_expert(40);
  SilConfig config;
  config.hidden = {16, 16};
  config.features = 4;
  config.learning_rate = 3e-3;
  const auto reward = make_sil({.expert = &expert, .environments = 1, .horizon = 40, .seed = 2}, config);
  Steps other = episode_of(expert);
  other.actions = -other.actions;
  double first = 0, last = 0;
  for (int i = 0; i < 60; ++i) {
    reward->score(other);
    last = static_cast<double>(other.rewards.mean());
    if (i == 0) first = last;
  }
  CHECK(last < first - 0.1);
}

}  // namespace understudy
