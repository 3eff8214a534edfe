// IQ-Learn and ValueDICE: losses in closed form and against autograd, and whole updates against autograd.

#include <cmath>
#include <numbers>
#include <vector>

#include "bc/libtorch/tensor_batch.h"
#include "bc/networks/adam.h"
#include "bc/policies/mlp_policy.h"
#include "bc/policies/warm_start.h"
#include "datasets/types/error.h"
#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/values/iq_learn.h"
#include "irl/values/iq_loss.h"
#include "irl/values/value_dice.h"
#include "irl/values/value_dice_loss.h"
#include "tests/support/imitation_fixture.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kObs = 3;
constexpr int kAct = 2;
constexpr int kBatch = 6;

float difference(const torch::Tensor& want, const Vector& found) {
  return (to_vector(want, static_cast<int>(found.size()), "want") - found).cwiseAbs().maxCoeff();
}

struct Drawn {
  torch::Tensor actions, log_density;
};

/// The definition in tanh_gaussian.h as tensors.
Drawn draw(const torch::Tensor& outputs, const torch::Tensor& noise) {
  const auto dim = noise.size(1);
  const auto log_sigma = outputs.narrow(1, dim, dim);
  const auto u = outputs.narrow(1, 0, dim) + log_sigma.exp() * noise;
  const auto log_slope = 2 * (std::numbers::ln2 - u - torch::softplus(-2 * u));
  return {torch::tanh(u),
          (-0.5 * noise.square() - log_sigma - 0.5 * std::log(2 * std::numbers::pi) - log_slope).sum(1)};
}

/// A network's parameters in training.
struct Trained {
  Vector parameters;
  AdamState adam;
  explicit Trained(Vector start) : parameters(std::move(start)), adam(static_cast<int>(parameters.size())) {}

  torch::Tensor leaf() const { return vector_to_tensor(parameters).requires_grad_(true); }
  void descend(const torch::Tensor& gradient, double learning_rate) {
    const Vector flat = to_vector(gradient, static_cast<int>(parameters.size()), "gradient");
    adam_step({.learning_rate = learning_rate}, flat, adam, parameters);
  }
};

/// Whether a policy has come, but for rounding, from an actor's first parameters to `want`.
bool moved_alike(const MlpSpec& actor, const Vector& start, const Vector& want, const Policy& found) {
  const auto means = [&](const Vector& parameters) {
    return mlp_of(mean_policy(actor, parameters, kAct)).parameters;
  };
  const float way = (means(want) - means(start)).norm();
  return way > 0 && (mlp_of(found).parameters - means(want)).norm() < 2e-3F * way;
}

torch::Tensor flags(const std::vector<std::uint8_t>& terminated) {
  Vector values(static_cast<Eigen::Index>(terminated.size()));
  for (std::size_t i = 0; i < terminated.size(); ++i) values(static_cast<Eigen::Index>(i)) = terminated[i];
  return vector_to_tensor(values);
}

torch::Tensor stack(const Matrix& a, const Matrix& b) {
  return torch::cat({to_tensor(a), to_tensor(b)}, 0);
}

/// What an update draws first: the expert's rows.
TransitionBatch expert_rows(const ExpertTransitions& expert, Rng& rng) {
  TransitionBatch batch;
  batch.resize(kBatch, kObs, kAct);
  draw_expert(expert, kBatch, rng, batch);
  return batch;
}

}  // namespace

TEST_CASE("IQ-Learn's loss has autograd's derivatives in all its forms", "[irl]") {
  Rng rng(1);
  const auto value = GENERATE(IqLoss::Value::kBoth, IqLoss::Value::kExpert, IqLoss::Value::kStarts);
  const bool both = GENERATE(true, false);
  const IqLoss loss{.value = value, .regularise_agent = both, .alpha = 0.7, .gamma = 0.9, .batch = 4};
  const Vector q = random_vector(8, rng);
  const Vector v = random_vector(8, rng);
  const Vector y = random_vector(8, rng);
  Vector by_q(8), by_v(8), by_y(8);
  const double found = loss(q, v, y, by_q, by_v, by_y);
  const auto t_q = vector_to_tensor(q).requires_grad_(true);
  const auto t_v = vector_to_tensor(v).requires_grad_(true);
  const auto t_y = vector_to_tensor(y).requires_grad_(true);
  const auto r = t_q - t_y;
  const auto expert = [](const torch::Tensor& x) { return x.narrow(0, 0, 4).mean(); };
  auto want = -expert(r) + (both ? r.square().mean() : expert(r.square())) / (4 * 0.7);
  if (value == IqLoss::Value::kBoth) want = want + (t_v - t_y).mean();
  if (value == IqLoss::Value::kExpert) want = want + expert(t_v - t_y);
  if (value == IqLoss::Value::kStarts) want = want + 0.1 * expert(t_v);
  want.backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_q.grad(), by_q) < 1e-5F);
  CHECK(difference(t_v.grad(), by_v) < 1e-5F);
  CHECK(difference(t_y.grad(), by_y) < 1e-5F);
}

TEST_CASE("the loss of IQ-Learn's actor has autograd's derivatives", "[irl]") {
  Rng rng(3);
  const Vector value = random_vector(5, rng);
  const Vector log_density = random_vector(5, rng);
  Vector by_value(5), by_density(5);
  const double found = iq_actor_loss({.value = value, .log_density = log_density, .alpha = 0.2, .batch = 8},
                                     {.value = by_value, .log_density = by_density});
  const auto t_value = vector_to_tensor(value).requires_grad_(true);
  const auto t_density = vector_to_tensor(log_density).requires_grad_(true);
  const auto want = (0.2 * t_density - t_value).sum() / 8;
  want.backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_value.grad(), by_value) < 1e-6F);
  CHECK(difference(t_density.grad(), by_density) < 1e-6F);
}

TEST_CASE("LS-IQ's loss has autograd's derivatives, and none by values after a step", "[irl]") {
  Rng rng(1);
  const IqLoss loss{.least_squares = true, .alpha = 0.7, .gamma = 0.9, .batch = 4};
  CHECK(loss.best_value() == Approx(28));
  const Vector q = 10 * random_vector(8, rng);
  Vector y = 10 * random_vector(8, rng);
  y(5) = 30;  // beyond what an agent's value can be, 0.9 of 28
  y(6) = -30;
  Vector by_q(8), by_v(8), by_y(8);
  const double found = loss(q, random_vector(8, rng), y, by_q, by_v, by_y);
  const auto t_q = vector_to_tensor(q).requires_grad_(true);
  const auto target = vector_to_tensor(y).narrow(0, 4, 4).clamp(-25.2, 25.2) - 2.8;
  const auto want =
      ((t_q.narrow(0, 0, 4) - 28).square().mean() + (t_q.narrow(0, 4, 4) - target).square().mean()) /
      (8 * 0.7);
  want.backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_q.grad(), by_q) < 1e-5F);
  CHECK(by_v.isZero(0));
  CHECK(by_y.isZero(0));
  // Where only the agent ends all is lost, where only the expert does all is won.
  CHECK(loss.absorbing_reward(0, 0.3) == Approx(-2.8));
  CHECK(loss.absorbing_reward(0.2, 0) == Approx(2.8));
  CHECK(loss.absorbing_reward(0.1, 0.3) == Approx(-1.4));
  CHECK(loss.absorbing_reward(0, 0) == 0);
}

TEST_CASE("with the published c and gamma LS-IQ's values lie within 200", "[irl]") {
  // Al-Hafez et al. 2023: 1 / (c (1 - gamma)) = 200 with c = 0.5 and gamma = 0.99, the defaults.
  const IqLearnConfig config;
  CHECK(config.least_squares);
  const IqLoss loss{
      .least_squares = true, .alpha = config.alpha, .gamma = config.off_policy.gamma, .batch = 1};
  CHECK(loss.best_value() == Approx(200));
  // An absorbing state that pays r for ever is worth r / (1 - gamma): the agent's bound where only it ends.
  CHECK(loss.absorbing_reward(0, 0.01) / (1 - loss.gamma) == Approx(-200));
}

TEST_CASE("on a bandit IQ-Learn's reward is 2 (rho_E - rho_pi) / (rho_E + rho_pi)", "[irl]") {
  // rho_E = (.9, .1), rho_pi = (.5, .5): (.571429, -1.333333), under LS-IQ too, whose targets are +2 and -2.
  const auto value = GENERATE(IqLoss::Value::kBoth, IqLoss::Value::kExpert, IqLoss::Value::kStarts);
  const bool least_squares = GENERATE(false, true);
  const IqLoss loss{.value = value, .least_squares = least_squares, .gamma = 0, .batch = 10};
  Vector reward = Vector::Zero(2);
  Vector q(20), v(20), by_q(20), by_v(20), by_y(20);
  for (int i = 0; i < 4000; ++i) {
    Vector gradient = Vector::Zero(2);
    const auto arm = [](int row) { return row < 10 ? row == 9 : row % 2; };  // of the data
    const auto drawn = [](int row) { return row % 2; };                      // of the policy
    for (int row = 0; row < 20; ++row) {
      q(row) = reward(arm(row));
      v(row) = reward(drawn(row));
    }
    loss(q, v, Vector::Zero(20), by_q, by_v, by_y);
    for (int row = 0; row < 20; ++row) {
      gradient(arm(row)) += by_q(row);
      gradient(drawn(row)) += by_v(row);
    }
    reward -= 0.05F * gradient;
  }
  CHECK(reward(0) == Approx(0.571429).margin(1e-4));
  CHECK(reward(1) == Approx(-1.333333).margin(1e-4));
}

TEST_CASE("the absorbing state's reward is where IQ-Learn's loss is least", "[irl]") {
  const auto value = GENERATE(IqLoss::Value::kBoth, IqLoss::Value::kExpert, IqLoss::Value::kStarts);
  const bool regularise = GENERATE(true, false);
  const IqLoss loss{.value = value, .regularise_agent = regularise, .alpha = 0.5, .gamma = 0.9, .batch = 10};
  // Of ten rows of either side the expert's first three and the agent's first six stay in
  // the absorbing state, where
  // Q = V; the others matter not. The gradient by Q there has to vanish; V after a step is held.
  const double r = loss.absorbing_reward(0.3, 0.6);
  const Vector next = Vector::Constant(20, static_cast<float>(0.9 * r / 0.1));
  const Vector here = Vector::Constant(20, static_cast<float>(r / 0.1));
  Vector by_q(20), by_v(20), by_y(20);
  loss(here, here, next, by_q, by_v, by_y);
  float slope = 0;
  for (const int row : {0, 1, 2, 10, 11, 12, 13, 14, 15}) {
    slope += by_q(row);
    if (value != IqLoss::Value::kStarts) slope += by_v(row);  // no episode starts there
  }
  CHECK(slope == Approx(0).margin(1e-5));
  CHECK(loss.absorbing_reward(0, 0) == 0);
  // Where only the agent ends: as bad as it gets, unless nothing is said about what the agent does.
  CHECK(loss.absorbing_reward(0, 0.3) == (value == IqLoss::Value::kBoth ? -1 : 0));
}

// The two below go through the updates with LibTorch's gradients, drawing from streams of their own that are
// the learner's. The third update depends on all that the two before have left.

TEST_CASE("IQ-Learn's updates follow autograd, with one group of critics and with two", "[irl]") {
  const int critics = GENERATE(1, 2);
  const std::size_t groups = GENERATE(1, 2);
  const bool slow = GENERATE(false, true);
  Rng data(2);
  const ExpertTransitions& expert = *as_expert(random_transitions(9, kObs, kAct, 0.5, data), 2);
  const TransitionBatch agent = random_transitions(kBatch, kObs, kAct, -0.5, data);
  IqLearnConfig config{.hidden = {7, 5},
                       .critic_learning_rate = 0.01,
                       .actor_learning_rate = 0.01,
                       .temperature = 0.3,
                       .critics = critics,
                       .critic_pairs = static_cast<int>(groups),
                       .optimism = {.weight = 0.5, .clip = 0.4},
                       .slow_target = slow,
                       .tau = 0.5,
                       .value_loss = "value",
                       .least_squares = false};
  config.off_policy.batch = kBatch;
  config.off_policy.gamma = 0.9;
  const RlProblem problem{.obs_dim = kObs, .act_dim = kAct, .horizon = 10, .seed = 3};
  const auto learner = make_iq_learn(problem, config, expert);
  const Mlp actor(
      {.inputs = kObs, .hidden = config.hidden, .outputs = 2 * kAct, .activation = Activation::kRelu});
  const Mlp critic(
      {.inputs = kObs + kAct, .hidden = config.hidden, .outputs = 1, .activation = Activation::kRelu});
  Rng rng = Rng::stream(3, RngStream::kOffPolicy), actor_rng = Rng::stream(3, RngStream::kIqLearnActor),
      critic_rng = Rng::stream(3, RngStream::kIqLearnCritics);
  const Vector start = start_actor(actor.spec(), kAct, nullptr, actor_rng).parameters;
  Trained pi(start);
  std::vector<Trained> q;
  std::vector<Vector> targets;
  const std::size_t all = groups * static_cast<std::size_t>(critics);
  for (std::size_t k = 0; k < all; ++k) targets.push_back(critic.initial_parameters(critic_rng, 1));
  for (const Vector& target : targets) q.emplace_back(target);

  double ends = 0, steps = 0, agent_ends = 0;
  for (const std::uint8_t end : expert.terminated) {
    ends += end;
    steps += end != 0 ? 1 : 2;
  }
  for (const std::uint8_t end : agent.terminated) agent_ends += end / static_cast<double>(kBatch);
  REQUIRE(ends + agent_ends > 0);
  const double absorbing = (ends / steps - agent_ends) / (ends / steps + agent_ends) / 0.1;

  const auto q_of = [&](const torch::Tensor& parameters, const torch::Tensor& obs, const torch::Tensor& act) {
    return torch_forward(critic, parameters, torch::cat({obs, act}, 1)).squeeze(1);
  };
  const auto least = [&](const std::vector<torch::Tensor>& parameters, std::size_t group,
                         const torch::Tensor& obs, const torch::Tensor& act) {
    const std::size_t first = group * static_cast<std::size_t>(critics);
    auto value = q_of(parameters[first], obs, act);
    return critics == 2 ? torch::min(value, q_of(parameters[first + 1], obs, act)) : value;
  };
  const auto optimistic = [&](const std::vector<torch::Tensor>& parameters, const torch::Tensor& obs,
                              const torch::Tensor& act) {
    const auto first = least(parameters, 0, obs, act);
    if (groups == 1) return first;
    const auto values = torch::stack({first, least(parameters, 1, obs, act)});
    const auto mean = values.mean(0);
    return mean + 0.5 * (values - mean).square().mean(0).sqrt().clamp(0, 0.4);
  };
  const auto leaves = [&] {
    std::vector<torch::Tensor> tensors;
    for (const Trained& head : q) tensors.push_back(head.leaf());
    return tensors;
  };
  Matrix noise(4 * kBatch, kAct);
  for (int update = 0; update < 3; ++update) {
    learner->gradient_step(agent, 0);
    const TransitionBatch drawn = expert_rows(expert, rng);
    fill_normal(rng, noise);
    const auto t_noise = to_tensor(noise);
    const auto o = stack(drawn.observations, agent.observations);
    const auto next = stack(drawn.next_observations, agent.next_observations);
    const auto a = stack(drawn.actions, agent.actions);
    const auto ended = torch::cat({flags(drawn.terminated), flags(agent.terminated)});
    const std::vector<torch::Tensor> heads = leaves();
    std::vector<torch::Tensor> slow_heads;
    for (const Vector& target : targets) slow_heads.push_back(vector_to_tensor(target));
    const auto held = vector_to_tensor(pi.parameters);
    const Drawn here = draw(torch_forward(actor, held, o), t_noise.narrow(0, 0, 2 * kBatch));
    const Drawn there = draw(torch_forward(actor, held, next), t_noise.narrow(0, 2 * kBatch, 2 * kBatch));
    auto loss = torch::zeros({});
    for (std::size_t k = 0; k < heads.size(); ++k) {
      const std::size_t group = k / static_cast<std::size_t>(critics);
      const auto v = least(heads, group, o, here.actions) - 0.3 * here.log_density;
      const auto v_next =
          least(slow ? slow_heads : heads, group, next, there.actions) - 0.3 * there.log_density;
      const auto y = 0.9 * ((1 - ended) * v_next + ended * absorbing);
      const auto r = q_of(heads[k], o, a) - y;
      loss = loss - r.narrow(0, 0, kBatch).mean() + (v - y).mean() + 0.5 * r.square().mean();
    }
    (loss / critics).backward();
    for (std::size_t k = 0; k < heads.size(); ++k) {
      q[k].descend(heads[k].grad(), 0.01);
      targets[k] += 0.5F * (q[k].parameters - targets[k]);
    }
    fill_normal(rng, noise);
    const auto t_actor = pi.leaf();
    const Drawn again = draw(torch_forward(actor, t_actor, o), to_tensor(noise.topRows(2 * kBatch)));
    (0.3 * again.log_density - optimistic(leaves(), o, again.actions)).mean().backward();
    pi.descend(t_actor.grad(), 0.01);
    CHECK(moved_alike(actor.spec(), start, pi.parameters, learner->policy()));
  }
}

TEST_CASE("ValueDICE's loss has autograd's derivatives", "[irl]") {
  Rng rng(4);
  const Vector x = 3 * random_vector(9, rng);
  const Vector starts = random_vector(4, rng);
  const ValueDiceLoss loss{.replay_share = 0.3, .gamma = 0.8};
  Vector by_x(9), by_starts(4);
  const double found = loss(x, 5, starts, by_x, by_starts);
  const auto t_x = vector_to_tensor(x).requires_grad_(true);
  const auto t_starts = vector_to_tensor(starts).requires_grad_(true);
  const auto expert = t_x.narrow(0, 0, 5);
  const auto replay = t_x.narrow(0, 5, 4);
  const auto want = (0.7 * expert.exp().mean() + 0.3 * replay.exp().mean()).log() -
                    0.7 * 0.2 * t_starts.mean() - 0.3 * replay.mean();
  want.backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_x.grad(), by_x) < 1e-5F);
  CHECK(difference(t_starts.grad(), by_starts) < 1e-5F);

  const Vector large = Vector::Constant(9, 500);  // e^500 is no float
  CHECK(std::isfinite(loss(large, 5, starts, by_x, by_starts)));
}

TEST_CASE("on two outcomes ValueDICE's bound reaches KL(agent || expert)", "[irl]") {
  // rho_pi = (.5, .5), rho_E = (.9, .1): KL = .510826, at x = log(rho_pi / rho_E) + c.
  const ValueDiceLoss loss{.replay_share = 0, .gamma = 0};
  Vector nu = Vector::Zero(2);
  Vector x(11), by_x(11), starts(2), by_starts(2);
  double value = 0;
  for (int i = 0; i < 5000; ++i) {
    for (int row = 0; row < 10; ++row) x(row) = nu(row == 9 ? 1 : 0);
    x(10) = 0;  // a replay that has no share
    starts = nu;
    value = loss(x, 10, starts, by_x, by_starts);
    CHECK(by_x(10) == 0);
    nu(0) -= 0.1F * (by_x.head(9).sum() + by_starts(0));
    nu(1) -= 0.1F * (by_x(9) + by_starts(1));
  }
  CHECK(-value == Approx(0.510826).margin(1e-5));
  CHECK(nu(1) - nu(0) == Approx(std::log(5.0) - std::log(5.0 / 9)).margin(1e-3));
}

TEST_CASE("the penalty on units that are alike is autograd's", "[irl]") {
  Rng rng(5);
  const Mlp network({.inputs = 3, .hidden = {6, 4}, .outputs = 2});
  const Vector parameters = random_vector(network.parameter_count(), rng);
  Vector gradient = Vector::Zero(network.parameter_count());
  Matrix gram;
  const double found = orthogonality(network, parameters, 0.5, gram, gradient);
  const auto t = vector_to_tensor(parameters).requires_grad_(true);
  auto want = torch::zeros({});
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const auto w = t.narrow(0, network.weight_offset(layer), in * out).view({in, out});
    want = want + (torch::matmul(w.t(), w) * (1 - torch::eye(out))).square().sum();
  }
  (0.5 * want).backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t.grad(), gradient) < 1e-5F * (1 + gradient.cwiseAbs().maxCoeff()));
}

TEST_CASE("ValueDICE's updates follow autograd", "[irl]") {
  const double penalty = GENERATE(0.0, 10.0);
  Rng data(6);
  const ExpertTransitions& expert = *as_expert(random_transitions(9, kObs, kAct, 0.5, data), 2);
  const TransitionBatch agent = random_transitions(kBatch, kObs, kAct, -0.5, data);
  ValueDiceConfig config{.hidden = {7, 5},
                         .nu_learning_rate = 0.01,
                         .actor_learning_rate = 0.01,
                         .replay_share = 0.2,
                         .penalty = penalty,
                         .orthogonality = 0.01};
  config.off_policy.batch = kBatch;
  config.off_policy.gamma = 0.9;
  const RlProblem problem{.obs_dim = kObs, .act_dim = kAct, .horizon = 10, .seed = 3};
  const auto learner = make_value_dice(problem, config, expert);
  const Mlp actor(
      {.inputs = kObs, .hidden = config.hidden, .outputs = 2 * kAct, .activation = Activation::kRelu});
  const Mlp nu(
      {.inputs = kObs + kAct, .hidden = config.hidden, .outputs = 1, .activation = Activation::kRelu});
  Rng rng = Rng::stream(3, RngStream::kOffPolicy), actor_rng = Rng::stream(3, RngStream::kValueDiceActor),
      nu_rng = Rng::stream(3, RngStream::kValueDiceNu);
  const Vector start = start_actor(actor.spec(), kAct, nullptr, actor_rng).parameters;
  Trained pi(start), ratio(nu.initial_parameters(nu_rng, 1)), absorbing(Vector::Zero(1));
  Matrix noise(3 * kBatch, kAct);
  Vector mix(kBatch);
  const auto inputs = [](const TransitionBatch& batch) {
    return torch::cat({to_tensor(batch.observations), to_tensor(batch.actions)}, 1);
  };
  const auto shares = [](const torch::Tensor& ended) {
    const auto raw = torch::cat({torch::ones_like(ended), ended});
    return raw / raw.sum();
  };
  for (int update = 0; update < 3; ++update) {
    learner->gradient_step(agent, 0);
    const TransitionBatch drawn = expert_rows(expert, rng);
    fill_normal(rng, noise);
    for (float& u : mix) u = static_cast<float>(rng.uniform());
    const auto t_actor = pi.leaf(), t_nu = ratio.leaf(), t_absorbing = absorbing.leaf();
    const auto nu_of = [&](const torch::Tensor& in) { return torch_forward(nu, t_nu, in).squeeze(1); };
    const auto o = torch::cat({to_tensor(drawn.observations), to_tensor(drawn.next_observations),
                               to_tensor(agent.next_observations)});
    const auto drawn_inputs =
        torch::cat({o, draw(torch_forward(actor, t_actor, o), to_tensor(noise)).actions}, 1);
    const auto part = [&](int i) { return drawn_inputs.narrow(0, i * kBatch, kBatch); };
    const auto x_of = [&](const TransitionBatch& batch, const torch::Tensor& next) {
      const auto ended = flags(batch.terminated);
      const auto x = nu_of(inputs(batch)) - 0.9 * ((1 - ended) * nu_of(next) + ended * t_absorbing);
      return std::pair(torch::cat({x, 0.1 * t_absorbing.repeat({kBatch})}), ended);
    };
    const auto [expert_x, expert_ended] = x_of(drawn, part(1));
    const auto [replay_x, replay_ended] = x_of(agent, part(2));
    REQUIRE((expert_ended.sum() + replay_ended.sum()).item<float>() > 0);
    const auto expert_share = shares(expert_ended);
    const auto replay_share = shares(replay_ended);
    const auto loss =
        (0.8 * (expert_share * expert_x.exp()).sum() + 0.2 * (replay_share * replay_x.exp()).sum()).log() -
        0.8 * 0.1 * nu_of(part(0)).mean() - 0.2 * (replay_share * replay_x).sum();
    const auto u = vector_to_tensor(mix).unsqueeze(1);
    const auto mixed =
        torch::cat({u * inputs(drawn) + (1 - u) * inputs(agent), u * part(1) + (1 - u) * part(2)})
            .detach()
            .requires_grad_(true);
    const auto slope = torch::autograd::grad({nu_of(mixed).sum()}, {mixed}, {}, true, true)[0];
    auto orthogonal = torch::zeros({});
    for (int layer = 0; layer < actor.layers(); ++layer) {
      const int in = actor.width(layer);
      const int out = actor.width(layer + 1);
      const auto w = t_actor.narrow(0, actor.weight_offset(layer), in * out).view({in, out});
      orthogonal = orthogonal + (torch::matmul(w.t(), w) * (1 - torch::eye(out))).square().sum();
    }
    const auto by_actor = torch::autograd::grad({-loss + 0.01 * orthogonal}, {t_actor}, {}, true)[0];
    (loss + penalty * (slope.norm(2, 1) - 1).square().mean()).backward();
    pi.descend(by_actor, 0.01);
    ratio.descend(t_nu.grad(), 0.01);
    absorbing.descend(t_absorbing.grad(), 0.01);
    CHECK(moved_alike(actor.spec(), start, pi.parameters, learner->policy()));
  }
  CHECK(absorbing.parameters(0) != 0);
}

}  // namespace understudy
