// IQ-Learn and ValueDICE: losses in closed form and against autograd, and whole updates against autograd.

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "bc/networks/tensor_batch.h"
#include "datasets/types/error.h"
#include "datasets/types/random_matrix.h"
#include "irl/values/iq_learn.h"
#include "irl/values/value_dice.h"
#include "tests/support/imitation_fixture.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

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

/// Reads parameters and Adam's first moment of a network that is next in an archive.
struct Saved {
  Vector parameters, target, moment;
  Saved(Archive& archive, const char* name, int size, bool has_target) : parameters(size), moment(size) {
    archive(name, parameters);
    if (has_target) {
      target.resize(size);
      archive("critic target", target);
    }
    Vector second(size);
    std::uint64_t steps = 0;
    archive("adam first", moment);
    archive("adam second", second);
    archive("adam steps", steps);
  }
};

/// Skips what every off-policy learner saves first.
Archive networks_of(OffPolicyLearner& learner) {
  Archive saving;
  learner.serialise(saving);
  Archive archive(saving.bytes(), "saved");
  Rng rng(0);
  std::uint64_t count = 0;
  bool prefilled = false;
  archive("learner rng", rng);
  archive("updates", count);
  archive("steps", count);
  archive("prefilled", prefilled);
  return archive;
}

torch::Tensor flags(const std::vector<std::uint8_t>& terminated) {
  Vector values(static_cast<Eigen::Index>(terminated.size()));
  for (std::size_t i = 0; i < terminated.size(); ++i) values(static_cast<Eigen::Index>(i)) = terminated[i];
  return vector_to_tensor(values);
}

torch::Tensor stack(const Matrix& a, const Matrix& b) {
  return torch::cat({to_tensor(a), to_tensor(b)}, 0);
}

constexpr int kObs = 3;
constexpr int kAct = 2;
constexpr int kBatch = 6;

/// What the first update of a learner of seed `seed` draws: the expert's rows.
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

TEST_CASE("LS-IQ's loss has autograd's derivatives, and none by values after a step", "[irl]") {
  Rng rng(1);
  const IqLoss loss{.least_squares = true, .alpha = 0.7, .gamma = 0.9, .batch = 4};
  CHECK(loss.best_value() == Approx(14));
  const Vector q = 10 * random_vector(8, rng);
  Vector y = 10 * random_vector(8, rng);
  y(5) = 30;  // beyond what an agent's value can be, 0.9 of 14
  y(6) = -30;
  Vector by_q(8), by_v(8), by_y(8);
  const double found = loss(q, random_vector(8, rng), y, by_q, by_v, by_y);
  const auto t_q = vector_to_tensor(q).requires_grad_(true);
  const auto target = vector_to_tensor(y).narrow(0, 4, 4).clamp(-12.6, 12.6) - 1.4;
  const auto want =
      ((t_q.narrow(0, 0, 4) - 14).square().mean() + (t_q.narrow(0, 4, 4) - target).square().mean()) /
      (8 * 0.7);
  want.backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_q.grad(), by_q) < 1e-5F);
  CHECK(by_v.isZero(0));
  CHECK(by_y.isZero(0));
  // Where only the agent ends all is lost, where only the expert does all is won.
  CHECK(loss.absorbing_reward(0, 0.3) == Approx(-1.4));
  CHECK(loss.absorbing_reward(0.2, 0) == Approx(1.4));
  CHECK(loss.absorbing_reward(0.1, 0.3) == Approx(-0.7));
  CHECK(loss.absorbing_reward(0, 0) == 0);
}

TEST_CASE("on a bandit IQ-Learn's reward is 2 (rho_E - rho_pi) / (rho_E + rho_pi)", "[irl]") {
  // rho_E = (.9, .1), rho_pi = (.5, .5): (.571429, -1.333333), and half of it under LS-IQ, whose targets are +1 and -1.
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
  const double scale = least_squares ? 0.5 : 1;
  CHECK(reward(0) == Approx(scale * 0.571429).margin(1e-4));
  CHECK(reward(1) == Approx(scale * -1.333333).margin(1e-4));
}

TEST_CASE("the absorbing state's reward is where IQ-Learn's loss is least", "[irl]") {
  const auto value = GENERATE(IqLoss::Value::kBoth, IqLoss::Value::kExpert, IqLoss::Value::kStarts);
  const bool regularise = GENERATE(true, false);
  const IqLoss loss{.value = value, .regularise_agent = regularise, .alpha = 0.5, .gamma = 0.9, .batch = 10};
  // Of ten rows of either side the expert's first three and the agent's first six stay in the absorbing state, where
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

TEST_CASE("one update of IQ-Learn moves critics and actor along autograd's gradients", "[irl]") {
  const int critics = GENERATE(1, 2);
  const bool slow = GENERATE(false, true);
  Rng data(2);
  const ExpertTransitions& expert = *as_expert(random_transitions(9, kObs, kAct, 0.5, data), 2);
  const TransitionBatch agent = random_transitions(kBatch, kObs, kAct, -0.5, data);
  IqLearnConfig config{.hidden = {7, 5},
                       .temperature = 0.3,
                       .critics = critics,
                       .slow_target = slow,
                       .tau = 0.5,
                       .value_loss = "value"};
  config.off_policy.batch = kBatch;
  config.off_policy.gamma = 0.9;
  const RlProblem problem{.obs_dim = kObs, .act_dim = kAct, .horizon = 10, .seed = 3};
  const auto learner = make_iq_learn(problem, config, expert);
  Rng rng(0);
  {
    Archive saving;
    learner->serialise(saving);
    Archive archive(saving.bytes(), "saved");
    archive("learner rng", rng);
  }
  // The update before lets slow copies differ from the critics. Adam's first moment after both is 0.9 of the one before
  // and 0.1 of the gradient.
  learner->gradient_step(agent, 0);
  {
    Archive saving;
    learner->serialise(saving);
    Archive archive(saving.bytes(), "saved");
    archive("learner rng", rng);
  }
  const Mlp actor(
      {.inputs = kObs, .hidden = config.hidden, .outputs = 2 * kAct, .activation = Activation::kRelu});
  const Mlp critic(
      {.inputs = kObs + kAct, .hidden = config.hidden, .outputs = 1, .activation = Activation::kRelu});
  const auto saved = [&] {
    Archive archive = networks_of(*learner);
    std::vector<Saved> networks;
    networks.emplace_back(archive, "actor", actor.parameter_count(), false);
    for (int k = 0; k < critics; ++k)
      networks.emplace_back(archive, "critic", critic.parameter_count(), true);
    return networks;
  };
  const auto before = saved();
  learner->gradient_step(agent, 0);
  const auto after = saved();
  const auto gradient_of = [&](std::size_t i) -> Vector {
    return 10 * (after[i].moment - 0.9F * before[i].moment);
  };

  const TransitionBatch drawn = expert_rows(expert, rng);
  Matrix noise(4 * kBatch, kAct);
  fill_normal(rng, noise);
  const auto t_noise = to_tensor(noise);
  const auto o = stack(drawn.observations, agent.observations);
  const auto next = stack(drawn.next_observations, agent.next_observations);
  const auto a = stack(drawn.actions, agent.actions);
  const auto ended = torch::cat({flags(drawn.terminated), flags(agent.terminated)});
  std::vector<torch::Tensor> q_parameters, slow_parameters;
  for (int k = 0; k < critics; ++k) {
    const Saved& head = before[static_cast<std::size_t>(k + 1)];
    q_parameters.push_back(vector_to_tensor(head.parameters).requires_grad_(true));
    slow_parameters.push_back(vector_to_tensor(head.target));
  }
  const auto q_of = [&](const torch::Tensor& parameters, const torch::Tensor& obs, const torch::Tensor& act) {
    return torch_forward(critic, parameters, torch::cat({obs, act}, 1)).squeeze(1);
  };
  const auto least = [&](const std::vector<torch::Tensor>& parameters, const torch::Tensor& obs,
                         const torch::Tensor& act) {
    auto q = q_of(parameters[0], obs, act);
    return critics == 2 ? torch::min(q, q_of(parameters[1], obs, act)) : q;
  };
  const auto actor_parameters = vector_to_tensor(before[0].parameters);
  const Drawn here = draw(torch_forward(actor, actor_parameters, o), t_noise.narrow(0, 0, 2 * kBatch));
  const Drawn there =
      draw(torch_forward(actor, actor_parameters, next), t_noise.narrow(0, 2 * kBatch, 2 * kBatch));
  const auto v = least(q_parameters, o, here.actions) - 0.3 * here.log_density;
  const auto v_next =
      least(slow ? slow_parameters : q_parameters, next, there.actions) - 0.3 * there.log_density;
  double ends = 0, steps = 0;
  for (const std::uint8_t end : expert.terminated) {
    ends += end;
    steps += end != 0 ? 1 : 2;
  }
  double agent_ends = 0;
  for (const std::uint8_t end : agent.terminated) agent_ends += end / static_cast<double>(kBatch);
  const double absorbing = (ends / steps - agent_ends) / (ends / steps + agent_ends) / 0.1;
  REQUIRE(ends + agent_ends > 0);
  const auto y = 0.9 * ((1 - ended) * v_next + ended * absorbing);
  auto loss = torch::zeros({});
  for (int k = 0; k < critics; ++k) {
    const auto r = q_of(q_parameters[static_cast<std::size_t>(k)], o, a) - y;
    loss = loss - r.narrow(0, 0, kBatch).mean() + (v - y).mean() + 0.5 * r.square().mean();
  }
  (loss / critics).backward();
  for (int k = 0; k < critics; ++k) {
    const auto& want = q_parameters[static_cast<std::size_t>(k)].grad();
    const float scale = 1 + want.abs().max().item<float>();
    CHECK(difference(want, gradient_of(static_cast<std::size_t>(k + 1))) < 2e-5F * scale);
  }

  fill_normal(rng, noise);
  const auto t_actor = vector_to_tensor(before[0].parameters).requires_grad_(true);
  const Drawn again = draw(torch_forward(actor, t_actor, o), to_tensor(noise.topRows(2 * kBatch)));
  std::vector<torch::Tensor> updated;
  for (int k = 0; k < critics; ++k) {
    updated.push_back(vector_to_tensor(after[static_cast<std::size_t>(k + 1)].parameters));
  }
  (0.3 * again.log_density - least(updated, o, again.actions)).mean().backward();
  const float scale = 1 + t_actor.grad().abs().max().item<float>();
  CHECK(difference(t_actor.grad(), gradient_of(0)) < 2e-5F * scale);
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

TEST_CASE("one update of ValueDICE moves nu, its absorbing state and the actor along autograd's gradients",
          "[irl]") {
  const double penalty = GENERATE(0.0, 10.0);
  Rng data(6);
  const ExpertTransitions& expert = *as_expert(random_transitions(9, kObs, kAct, 0.5, data), 2);
  const TransitionBatch agent = random_transitions(kBatch, kObs, kAct, -0.5, data);
  ValueDiceConfig config{.hidden = {7, 5}, .replay_share = 0.2, .penalty = penalty, .orthogonality = 0.01};
  config.off_policy.batch = kBatch;
  config.off_policy.gamma = 0.9;
  const RlProblem problem{.obs_dim = kObs, .act_dim = kAct, .horizon = 10, .seed = 3};
  const auto learner = make_value_dice(problem, config, expert);
  learner->gradient_step(agent, 0);  // so that nu of the absorbing state is not 0
  Rng rng(0);
  {
    Archive saving;
    learner->serialise(saving);
    Archive archive(saving.bytes(), "saved");
    archive("learner rng", rng);
  }
  const Mlp actor(
      {.inputs = kObs, .hidden = config.hidden, .outputs = 2 * kAct, .activation = Activation::kRelu});
  const Mlp nu(
      {.inputs = kObs + kAct, .hidden = config.hidden, .outputs = 1, .activation = Activation::kRelu});
  const auto saved = [&] {
    Archive archive = networks_of(*learner);
    std::vector<Saved> networks;
    networks.emplace_back(archive, "actor", actor.parameter_count(), false);
    networks.emplace_back(archive, "nu", nu.parameter_count(), false);
    networks.emplace_back(archive, "nu absorbing", 1, false);
    return networks;
  };
  const auto before = saved();
  REQUIRE(before[2].parameters(0) != 0);
  learner->gradient_step(agent, 0);
  const auto after = saved();

  const TransitionBatch drawn = expert_rows(expert, rng);
  Matrix noise(3 * kBatch, kAct);
  fill_normal(rng, noise);
  Vector mix(kBatch);
  for (float& u : mix) u = static_cast<float>(rng.uniform());
  const auto t_actor = vector_to_tensor(before[0].parameters).requires_grad_(true);
  const auto t_nu = vector_to_tensor(before[1].parameters).requires_grad_(true);
  const auto t_absorbing = vector_to_tensor(before[2].parameters).requires_grad_(true);
  const auto nu_of = [&](const torch::Tensor& in) { return torch_forward(nu, t_nu, in).squeeze(1); };
  const auto o = torch::cat({to_tensor(drawn.observations), to_tensor(drawn.next_observations),
                             to_tensor(agent.next_observations)});
  const auto drawn_inputs =
      torch::cat({o, draw(torch_forward(actor, t_actor, o), to_tensor(noise)).actions}, 1);
  const auto part = [&](int i) { return drawn_inputs.narrow(0, i * kBatch, kBatch); };
  const auto inputs = [](const TransitionBatch& batch) {
    return torch::cat({to_tensor(batch.observations), to_tensor(batch.actions)}, 1);
  };
  const auto x_of = [&](const TransitionBatch& batch, const torch::Tensor& next) {
    const auto ended = flags(batch.terminated);
    const auto x = nu_of(inputs(batch)) - 0.9 * ((1 - ended) * nu_of(next) + ended * t_absorbing);
    return std::pair(torch::cat({x, 0.1 * t_absorbing.repeat({kBatch})}), ended);
  };
  const auto shares = [](const torch::Tensor& ended) {
    const auto raw = torch::cat({torch::ones_like(ended), ended});
    return raw / raw.sum();
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
  const std::array<torch::Tensor, 3> want{by_actor, t_nu.grad(), t_absorbing.grad()};
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    const Vector gradient = 10 * (after[i].moment - 0.9F * before[i].moment);
    const float scale = 1 + want[i].abs().max().item<float>();
    CHECK(want[i].abs().max().item<float>() > 1e-4F);
    CHECK(difference(want[i], gradient) < 2e-5F * scale);
  }
}

}  // namespace understudy
