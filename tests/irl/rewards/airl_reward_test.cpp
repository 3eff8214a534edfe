// AIRL: its gradient, the shaping that changes nothing, and the reward that it recovers.

#include <array>
#include <cmath>
#include <functional>

#include "bc/libtorch/tensor_batch.h"
#include "bc/networks/mlp.h"
#include "bc/runs/metrics.h"
#include "irl/experts/termination_rates.h"
#include "irl/rewards/airl_reward.h"
#include "tests/support/imitation_fixture.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

/// log pi of scalars by a formula.
class Density final : public ActionDensity {
 public:
  using Formula = std::function<double(double observation, double action)>;
  explicit Density(Formula formula) : formula_(std::move(formula)) {}
  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    for (Eigen::Index i = 0; i < actions.rows(); ++i) {
      result(i) = static_cast<float>(
          formula_(static_cast<double>(observations(i, 0)), static_cast<double>(actions(i, 0))));
    }
  }

 private:
  Formula formula_;
};

/// Parameters and first moments of Adam of both networks, as they were saved.
struct Saved {
  std::array<Vector, 2> parameters, moments;

  Saved(AirlReward& reward, const std::array<int, 2>& sizes) {
    Archive saving;
    reward.serialise(saving);
    Archive archive(saving.bytes(), "saved");
    Rng rng(0);
    std::uint64_t count = 0;
    archive("reward rng", rng);
    archive("reward calls", count);
    archive("reward updates", count);
    for (std::size_t i = 0; i < 2; ++i) {
      parameters[i].resize(sizes[i]);
      moments[i].resize(sizes[i]);
      Vector second(sizes[i]);
      archive("reward network", parameters[i]);
      archive("adam first", moments[i]);
      archive("adam second", second);
      archive("adam steps", count);
    }
    for (int i = 0; i < 6; ++i) {  // what is reported
      RunningMean mean;
      mean.serialise(archive);
    }
    TerminationRates(ExpertTransitions{}).serialise(archive);
    double mean = 0;
    archive("reward agent mean", mean);
    archive.finish();
  }
};

constexpr int kStates = 5;
constexpr int kActions = 3;
constexpr double kGamma = 0.9;
using Table = std::array<std::array<double, kActions>, kStates>;

/// States on a ring, observed one-hot; actions -1, 0, 1 move that far.
int moved(int state, int action) {
  return (state + action - 1 + kStates) % kStates;
}

TransitionBatch ring_transitions(const std::vector<std::pair<int, int>>& visits) {
  TransitionBatch batch;
  batch.resize(static_cast<int>(visits.size()), kStates, 1);
  batch.observations.setZero();
  batch.next_observations.setZero();
  batch.discounts.setConstant(static_cast<float>(kGamma));
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    const auto [state, action] = visits[i];
    batch.observations(row, state) = 1;
    batch.actions(row, 0) = static_cast<float>(action - 1);
    batch.next_observations(row, moved(state, action)) = 1;
    batch.terminated[i] = 0;
  }
  return batch;
}

TransitionBatch all_of_ring() {
  std::vector<std::pair<int, int>> visits;
  for (int s = 0; s < kStates; ++s) {
    for (int a = 0; a < kActions; ++a) visits.emplace_back(s, a);
  }
  return ring_transitions(visits);
}

/// log pi of the policy of greatest reward plus entropy: soft value iteration.
Table soft_policy(const Table& reward) {
  std::array<double, kStates> value{};
  Table q{};
  for (int sweep = 0; sweep < 300; ++sweep) {
    for (std::size_t s = 0; s < kStates; ++s) {
      double sum = 0;
      for (std::size_t a = 0; a < kActions; ++a) {
        const int next = moved(static_cast<int>(s), static_cast<int>(a));
        q[s][a] = reward[s][a] + kGamma * value[static_cast<std::size_t>(next)];
        sum += std::exp(q[s][a]);
      }
      value[s] = std::log(sum);
    }
  }
  for (std::size_t s = 0; s < kStates; ++s) {
    for (double& entry : q[s]) entry -= value[s];
  }
  return q;
}

/// Steps of a policy on the ring.
TransitionBatch walk(const Table& log_policy, int steps, Rng& rng) {
  std::vector<std::pair<int, int>> visits;
  int state = 0;
  for (int t = 0; t < steps; ++t) {
    double u = rng.uniform();
    int action = 0;
    const auto& row = log_policy[static_cast<std::size_t>(state)];
    while (action + 1 < kActions && u >= std::exp(row[static_cast<std::size_t>(action)])) {
      u -= std::exp(row[static_cast<std::size_t>(action++)]);
    }
    visits.emplace_back(state, action);
    state = moved(state, action);
  }
  return ring_transitions(visits);
}

class TableDensity final : public ActionDensity {
 public:
  Table log_policy{};
  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    for (Eigen::Index i = 0; i < actions.rows(); ++i) {
      Eigen::Index state = 0;
      observations.row(i).maxCoeff(&state);
      result(i) = static_cast<float>(
          log_policy[static_cast<std::size_t>(state)][static_cast<std::size_t>(actions(i, 0) + 1)]);
    }
  }
};

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const Eigen::Map<const Eigen::ArrayXd> a(x.data(), static_cast<Eigen::Index>(x.size()));
  const Eigen::Map<const Eigen::ArrayXd> b(y.data(), static_cast<Eigen::Index>(y.size()));
  const Eigen::ArrayXd u = a - a.mean();
  const Eigen::ArrayXd v = b - b.mean();
  return (u * v).sum() / std::sqrt(u.square().sum() * v.square().sum());
}

}  // namespace

TEST_CASE("one update's gradients of reward and potential are autograd's, terminations included", "[irl]") {
  // All transitions of the expert are alike, so that it does not matter which are drawn.
  const Row same{0.4F, -0.3F, 0.9F, GENERATE(true, false)};
  const ImitationProblem problem{.expert = scalar_expert({same, same}, 3), .gamma = 0.8};
  const AirlConfig config{.hidden = {6, 5}, .activation = "tanh", .batch = 4, .updates = 1};
  const auto reward = make_airl_reward(problem, config);
  const Mlp g({.inputs = 2, .hidden = config.hidden, .outputs = 1});
  const Mlp h({.inputs = 1, .hidden = config.hidden, .outputs = 1});
  const std::array<int, 2> sizes{g.parameter_count(), h.parameter_count()};
  const Saved before(*reward, sizes);
  const std::vector<Row> agent{{1, 0.5F, -1, false}, {-0.7F, 0.1F, 2, true}, {0.2F, 0.9F, 0.3F, false}};
  Density density([](double o, double a) { return -a * a - 0.3 * o; });
  reward->learn(scalar_batch(agent), density);
  const Saved after(*reward, sizes);

  const auto t_g = vector_to_tensor(before.parameters[0]).requires_grad_(true);
  const auto t_h = vector_to_tensor(before.parameters[1]).requires_grad_(true);
  const auto scalar = [](const torch::Tensor& parameters, const Mlp& network, const Matrix& in) {
    return torch_forward(network, parameters, to_tensor(in)).squeeze();
  };
  const auto h_of = [&](float o) { return scalar(t_h, h, Matrix::Constant(1, 1, o)); };
  const auto g_of = [&](float o, float a) {
    Matrix in(1, 2);
    in << o, a;
    return scalar(t_g, g, in);
  };
  const auto logit = [&](const Row& row) {
    auto f = g_of(row.observation, row.action) - h_of(row.observation);
    if (!row.terminated) f = f + 0.8 * h_of(row.next);
    const auto o = static_cast<double>(row.observation);
    const auto a = static_cast<double>(row.action);
    return f - (-a * a - 0.3 * o);
  };
  const auto softplus = [](const torch::Tensor& x) { return torch::softplus(x); };
  auto loss = softplus(-logit(same)) * 0.5;
  for (const Row& row : agent) loss = loss + softplus(logit(row)) / 6;
  loss.backward();
  for (std::size_t i = 0; i < 2; ++i) {
    const Vector want = to_vector((i == 0 ? t_g : t_h).grad(), sizes[i], "gradient");
    CHECK(want.norm() > 0.01F);
    CHECK((want - 10 * after.moments[i]).cwiseAbs().maxCoeff() < 1e-5F);
  }
  Metrics metrics;
  reward->report(metrics);
  CHECK(metrics.values().front().second == Approx(loss.item<double>()).epsilon(1e-5));
}

TEST_CASE("shaping changes no advantage, whatever the potential, with a termination on the way", "[irl]") {
  // A chain of 5 states: 0 ends the episode, 4 is a wall; actions -1 and 1. Values
  // of f are those of g less h.
  const double gamma = 0.9;
  const ImitationProblem problem{.expert = scalar_expert({{0, 0, 0, false}, {0, 0, 0, false}}),
                                 .gamma = gamma,
                                 .seed = GENERATE(1U, 2U, 3U)};
  const auto reward = make_airl_reward(problem, {.subtract_density = false});
  std::vector<Row> rows;
  for (int s = 1; s < 5; ++s) {
    for (const int a : {-1, 1}) {
      const int next = std::min(s + a, 4);
      rows.push_back({static_cast<float>(s), static_cast<float>(a), static_cast<float>(next), next == 0});
    }
  }
  TransitionBatch batch = scalar_batch(rows);
  NoDensity none;
  reward->relabel(batch, none);
  Vector g(batch.size());
  reward->recovered(batch.observations, batch.actions, g);
  CHECK((batch.rewards - g).cwiseAbs().maxCoeff() > 0.01F);  // it is shaped
  const auto advantages = [&](const Vector& r) {
    std::array<double, 5> value{};
    std::array<double, 8> q{};
    for (int sweep = 0; sweep < 500; ++sweep) {
      for (std::size_t i = 0; i < 8; ++i) {
        const double next = rows[i].terminated ? 0 : value[static_cast<std::size_t>(rows[i].next)];
        q[i] = static_cast<double>(r(static_cast<Eigen::Index>(i))) + gamma * next;
      }
      for (std::size_t s = 1; s < 5; ++s) value[s] = std::max(q[2 * s - 2], q[2 * s - 1]);
    }
    for (std::size_t i = 0; i < 8; ++i) q[i] -= value[static_cast<std::size_t>(rows[i].observation)];
    return q;
  };
  const auto shaped = advantages(batch.rewards);
  const auto plain = advantages(g);
  for (std::size_t i = 0; i < 8; ++i) CHECK(shaped[i] == Approx(plain[i]).margin(1e-4));
}

TEST_CASE("between equals the logit is 0: f becomes log pi", "[irl]") {
  // Three actions of log density -1, 0.5 and 2, in the same shares on both sides.
  const auto log_density = [](double, double a) { return a < -0.5 ? -1.0 : a > 0.5 ? 2.0 : 0.5; };
  std::vector<Row> rows;
  for (const float a : {-1.0F, 0.0F, 1.0F}) rows.push_back({0.5F, a, 0.5F, false});
  std::vector<Row> many;
  for (int i = 0; i < 100; ++i) many.insert(many.end(), rows.begin(), rows.end());
  const ImitationProblem problem{.expert = scalar_expert(rows)};
  const auto with = make_airl_reward(problem, {.learning_rate = 3e-3, .batch = 300});
  Density density(log_density);
  const TransitionBatch agent = scalar_batch(many);
  for (int i = 0; i < 250; ++i) with->learn(agent, density);
  TransitionBatch batch = scalar_batch(rows);
  with->relabel(batch, density);
  // Draws of 300 rows give each action's share to 8 %, averaged by Adam.
  for (int i = 0; i < 3; ++i) CHECK(batch.rewards(i) == Approx(0).margin(0.1));

  Archive saving;
  with->serialise(saving);
  const auto without =
      make_airl_reward(problem, {.learning_rate = 3e-3, .batch = 300, .subtract_density = false});
  Archive loading(saving.bytes(), "reward");
  without->serialise(loading);
  loading.finish();
  NoDensity none;
  without->relabel(batch, none);
  for (int i = 0; i < 3; ++i) {
    CHECK(batch.rewards(i) ==
          Approx(log_density(0, static_cast<double>(rows[static_cast<std::size_t>(i)].action))).margin(0.1));
  }
  // Restored, both go on alike.
  with->learn(agent, density);
  without->learn(agent, density);
  Vector a(3);
  Vector b(3);
  with->recovered(batch.observations, batch.actions, a);
  without->recovered(batch.observations, batch.actions, b);
  CHECK(a == b);
}

TEST_CASE("a reward of states alone is recovered up to a constant", "[irl]") {
  const std::array<double, kStates> truth{1.0, -0.5, 0.3, -1.0, 0.2};
  Table reward{};
  for (std::size_t s = 0; s < kStates; ++s) reward[s].fill(truth[s]);
  Rng rng(12);
  const ImitationProblem problem{.expert = as_expert(walk(soft_policy(reward), 20000, rng)), .gamma = kGamma};
  const auto airl = make_airl_reward(problem, {.learning_rate = 3e-3,
                                               .batch = 256,
                                               .updates = 5,
                                               .actions = false,
                                               .subtract_density = false,
                                               .absorbing = false});
  TableDensity density;
  Table log_policy{};
  for (auto& row : log_policy) row.fill(-std::log(3.0));
  TransitionBatch all = all_of_ring();
  NoDensity none;
  for (int round = 0; round < 200; ++round) {
    density.log_policy = log_policy;
    airl->learn(walk(log_policy, 1000, rng), density);
    airl->relabel(all, none);
    Table f{};
    for (std::size_t i = 0; i < kStates * kActions; ++i) {
      f[i / kActions][i % kActions] = static_cast<double>(all.rewards(static_cast<Eigen::Index>(i)));
    }
    log_policy = soft_policy(f);
  }
  Vector g(all.size());
  airl->recovered(all.observations, all.actions, g);
  std::vector<double> recovered;
  for (int s = 0; s < kStates; ++s) recovered.push_back(static_cast<double>(g(s * kActions)));
  CAPTURE(recovered);
  CHECK(correlation(recovered, {truth.begin(), truth.end()}) > 0.95);
}

TEST_CASE("AIRL's absorbing reward is 0 between equals, however dense the actions, and none without",
          "[irl]") {
  const Row end{0.5F, 0, 0, true};
  const ImitationProblem problem{.expert = scalar_expert({end, end})};
  const auto reward = make_airl_reward(problem, {.learning_rate = 3e-3, .penalty = 0.1});
  Density density([](double, double) { return 3.0; });
  for (int i = 0; i < 200; ++i) reward->learn(scalar_batch({end, end, end}), density);
  CHECK(reward->absorbing_reward() == 0);
  TransitionBatch batch = scalar_batch({end});
  reward->relabel(batch, density);
  CHECK(batch.rewards(0) == Approx(0).margin(0.01));
  CHECK(make_airl_reward(problem, {.absorbing = false})->absorbing_reward() == 0);
  CHECK_THROWS_WITH(make_airl_reward(problem, {.batch = 0}), ContainsSubstring("--reward-batch: want"));
}

}  // namespace understudy
