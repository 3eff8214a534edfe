// SAC and TD3 step by step beside LibTorch, and the laws that their values and temperatures obey.

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

#include "bc/libtorch/tensor_batch.h"
#include "bc/policies/mlp_policy.h"
#include "bc/policies/warm_start.h"
#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/off_policy/d4pg.h"
#include "irl/off_policy/distribution_loss.h"
#include "irl/off_policy/q_network.h"
#include "irl/off_policy/sac.h"
#include "irl/off_policy/td3.h"
#include "irl/rewards/task_reward.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kObs = 3, kAct = 2, kBatch = 16;
constexpr double kAbsorbing = -4;

TransitionBatch random_batch(std::uint64_t seed, int batch = kBatch) {
  Rng rng(seed);
  TransitionBatch out;
  out.resize(batch, kObs, kAct);
  for (Matrix* matrix : {&out.observations, &out.actions, &out.next_observations}) fill_normal(rng, *matrix);
  out.actions = out.actions.array().tanh().matrix();
  Matrix rewards(batch, 1);
  fill_normal(rng, rewards);
  out.rewards = rewards.col(0);
  out.discounts.setConstant(0.9F);
  for (int i = 0; i < batch; ++i) out.terminated[static_cast<std::size_t>(i)] = i % 5 == 0;
  return out;
}

OffPolicyConfig small_off_policy() {
  OffPolicyConfig config;
  config.batch = kBatch;
  config.replay = 5000;
  config.start = 32;
  return config;
}

RlProblem small_problem(int threads = 1) {
  return {.obs_dim = kObs, .act_dim = kAct, .environments = 1, .horizon = 100, .seed = 3, .threads = threads};
}

SacConfig small_sac() {
  SacConfig config;
  config.off_policy = small_off_policy();
  config.hidden = {8, 6};
  return config;
}

Td3Config small_td3() {
  Td3Config config;
  config.off_policy = small_off_policy();
  config.hidden = {8, 6};
  config.delay = 1;
  return config;
}

/// A network with parameters that autograd knows.
struct TorchMlp {
  const Mlp& network;
  torch::Tensor parameters;

  TorchMlp(const Mlp& shape, const Vector& values)
      : network(shape), parameters(vector_to_tensor(values).requires_grad_(true)) {}
  torch::Tensor operator()(const torch::Tensor& x) const { return torch_forward(network, parameters, x); }
  Vector gradient() const { return to_vector(parameters.grad(), network.parameter_count(), "gradient"); }
};

/// Whether a policy has come, but for rounding, from `start` to `want`.
bool moved_alike(const Vector& start, const Vector& want, const Vector& found) {
  return (want - start).norm() > 0 && (found - want).norm() < 2e-3F * (want - start).norm();
}

/// The part of an actor's parameters that its policy has.
Vector means(const MlpSpec& spec, const Vector& parameters) {
  return mlp_of(mean_policy(spec, parameters, kAct)).parameters;
}

torch::Tensor log_density(const torch::Tensor& outputs, const torch::Tensor& noise, torch::Tensor& actions) {
  const auto log_sigma = outputs.narrow(1, kAct, kAct).clamp(-20, 2);
  const auto u = outputs.narrow(1, 0, kAct) + log_sigma.exp() * noise;
  actions = u.tanh();
  return (-0.5 * noise.square() - log_sigma - 0.5 * std::log(2 * std::numbers::pi) -
          2 * (std::log(2.0) - u - torch::softplus(-2 * u)))
      .sum(1, true);
}

struct TorchBatch {
  torch::Tensor observations, actions, next, rewards, discounts, terminated;
  explicit TorchBatch(const TransitionBatch& b)
      : observations(to_tensor(b.observations)),
        actions(to_tensor(b.actions)),
        next(to_tensor(b.next_observations)),
        rewards(vector_to_tensor(b.rewards).unsqueeze(1)),
        discounts(vector_to_tensor(b.discounts).unsqueeze(1)) {
    Vector flags(b.size());
    for (int i = 0; i < b.size(); ++i) flags(i) = b.terminated[static_cast<std::size_t>(i)];
    terminated = vector_to_tensor(flags).unsqueeze(1);
  }
  torch::Tensor seen() const { return torch::cat({observations, actions}, 1); }
  torch::Tensor target(const torch::Tensor& value) const {
    return rewards + discounts * torch::where(terminated > 0, torch::full_like(value, kAbsorbing), value);
  }
};

const MlpSpec kSacActor{
    .inputs = kObs, .hidden = {8, 6}, .outputs = 2 * kAct, .activation = Activation::kRelu};
const MlpSpec kTd3Actor{.inputs = kObs, .hidden = {8, 6}, .outputs = kAct, .activation = Activation::kRelu};
const MlpSpec kCritic{.inputs = kObs + kAct, .hidden = {8, 6}, .outputs = 1, .activation = Activation::kRelu};

}  // namespace

// Each goes through the paper's steps with LibTorch's gradients, drawing from streams of its own
// that are the learner's. The third update depends on the critics, slow copies and temperature that
// the two before have left.

TEST_CASE("SAC's updates follow autograd, on one thread and on two, with one pair of critics and with three",
          "[irl]") {
  const int threads = GENERATE(1, 2);
  SacConfig config = small_sac();
  config.critic_pairs = GENERATE(1, 3);
  config.optimism = {.weight = 0.5, .clip = 0.4};
  config.tau = 0.5;
  config.learning_rate = 0.01;
  const auto sac = make_sac(small_problem(threads), config);
  Rng actor_rng = Rng::stream(3, RngStream::kOffPolicyActor),
      critic_rng = Rng::stream(3, RngStream::kOffPolicyCritics),
      noise_rng = Rng::stream(3, RngStream::kOffPolicy);
  const Vector start = start_actor(kSacActor, kAct, nullptr, actor_rng).parameters;
  const Mlp actor_network(kSacActor);
  const AdamConfig adam{.learning_rate = config.learning_rate};
  Vector actor_parameters = start;
  AdamState actor_adam(actor_network.parameter_count()), temperature_adam(1);
  QNetworks critics(kCritic, 2 * config.critic_pairs, 1, critic_rng);
  Vector log_alpha = Vector::Zero(1);
  Matrix next_noise(kBatch, kAct), noise(kBatch, kAct);
  for (int update = 0; update < 3; ++update) {
    const TransitionBatch batch = random_batch(static_cast<std::uint64_t>(update));
    sac->gradient_step(batch, kAbsorbing);
    const TorchBatch b(batch);
    fill_normal(noise_rng, next_noise);
    fill_normal(noise_rng, noise);
    const double alpha = std::exp(static_cast<double>(log_alpha(0)));
    const TorchMlp actor(actor_network, actor_parameters);
    const auto slow_inputs = [&](torch::Tensor& density) {
      const torch::NoGradGuard guard;
      torch::Tensor actions;
      density = log_density(actor(b.next), to_tensor(next_noise), actions);
      return torch::cat({b.next, actions}, 1);
    };
    torch::Tensor next_density;
    const auto next_inputs = slow_inputs(next_density);
    for (std::size_t pair = 0; pair < critics.heads.size(); pair += 2) {
      const auto target = [&] {
        const torch::NoGradGuard guard;
        const TorchMlp slow0(critics.network, critics.heads[pair].target),
            slow1(critics.network, critics.heads[pair + 1].target);
        return b.target(torch::min(slow0(next_inputs), slow1(next_inputs)) - alpha * next_density);
      }();
      for (const std::size_t k : {pair, pair + 1}) {
        QNetwork& head = critics.heads[k];
        const TorchMlp q(critics.network, head.parameters);
        (0.5 * (q(b.seen()) - target).square().mean()).backward();
        head.gradients[0] = q.gradient();
        head.step(adam, config.tau);
      }
    }
    torch::Tensor actions;
    const auto density = log_density(actor(b.observations), to_tensor(noise), actions);
    const auto inputs = torch::cat({b.observations, actions}, 1);
    std::vector<torch::Tensor> pairs;
    for (std::size_t pair = 0; pair < critics.heads.size(); pair += 2) {
      const TorchMlp q0(critics.network, critics.heads[pair].parameters),
          q1(critics.network, critics.heads[pair + 1].parameters);
      pairs.push_back(torch::min(q0(inputs), q1(inputs)));
    }
    auto value = torch::cat(pairs, 1).mean(1, true);
    if (pairs.size() > 1) {  // one pair has no deviation, whose square root autograd could not go through
      value = value + 0.5 * (torch::cat(pairs, 1) - value).square().mean(1, true).sqrt().clamp(0, 0.4);
    }
    (alpha * density - value).mean().backward();
    adam_step(adam, actor.gradient(), actor_adam, actor_parameters);
    // Target entropy -1 nat for each of two entries.
    const Vector by_log_alpha = Vector::Constant(1, -(density.mean().item<float>() - 2));
    adam_step(adam, by_log_alpha, temperature_adam, log_alpha);
    CHECK(moved_alike(means(kSacActor, start), means(kSacActor, actor_parameters),
                      mlp_of(sac->policy()).parameters));
  }
}

TEST_CASE("TD3's updates follow autograd", "[irl]") {
  Td3Config config = small_td3();
  config.tau = 0.5;
  config.learning_rate = 0.01;
  const auto td3 = make_td3(small_problem(), config);
  Rng actor_rng = Rng::stream(3, RngStream::kOffPolicyActor),
      critic_rng = Rng::stream(3, RngStream::kOffPolicyCritics),
      noise_rng = Rng::stream(3, RngStream::kOffPolicy);
  const Vector start = start_actor(kTd3Actor, kAct, nullptr, actor_rng).parameters;
  const Mlp actor_network(kTd3Actor);
  const AdamConfig adam{.learning_rate = config.learning_rate};
  Vector actor_parameters = start, actor_target = start;
  AdamState actor_adam(actor_network.parameter_count());
  QNetworks critics(kCritic, 2, 1, critic_rng);
  Matrix noise(kBatch, kAct);
  for (int update = 0; update < 3; ++update) {
    const TransitionBatch batch = random_batch(static_cast<std::uint64_t>(update));
    td3->gradient_step(batch, kAbsorbing);
    const TorchBatch b(batch);
    fill_normal(noise_rng, noise);
    const auto target = [&] {
      const torch::NoGradGuard guard;
      const TorchMlp slow(actor_network, actor_target);
      const auto smoothing = (to_tensor(noise) * 0.2).clamp(-0.5, 0.5);
      const auto inputs = torch::cat({b.next, (slow(b.next).tanh() + smoothing).clamp(-1, 1)}, 1);
      const TorchMlp slow0(critics.network, critics.heads[0].target),
          slow1(critics.network, critics.heads[1].target);
      return b.target(torch::min(slow0(inputs), slow1(inputs)));
    }();
    for (QNetwork& head : critics.heads) {
      const TorchMlp q(critics.network, head.parameters);
      (0.5 * (q(b.seen()) - target).square().mean()).backward();
      head.gradients[0] = q.gradient();
      head.step(adam, config.tau);
    }
    const TorchMlp actor(actor_network, actor_parameters);
    const TorchMlp q0(critics.network, critics.heads[0].parameters);
    (-q0(torch::cat({b.observations, actor(b.observations).tanh()}, 1))).mean().backward();
    adam_step(adam, actor.gradient(), actor_adam, actor_parameters);
    actor_target += 0.5F * (actor_parameters - actor_target);
    CHECK(moved_alike(start, actor_parameters, mlp_of(td3->policy()).parameters));
  }
}

TEST_CASE("D4PG's updates follow autograd", "[irl]") {
  D4pgConfig config;
  config.off_policy = small_off_policy();
  config.hidden = {8, 6};
  config.learning_rate = 0.01;
  config.atoms = 21;
  config.limit = 3;
  config.target_period = 2;
  const auto d4pg = make_d4pg(small_problem(), config);
  Rng actor_rng = Rng::stream(3, RngStream::kOffPolicyActor),
      critic_rng = Rng::stream(3, RngStream::kOffPolicyCritics);
  const Vector start = start_actor(kTd3Actor, kAct, nullptr, actor_rng).parameters;
  const Mlp actor_network(kTd3Actor);
  const AdamConfig adam{.learning_rate = config.learning_rate};
  Vector actor_parameters = start, actor_target = start;
  AdamState actor_adam(actor_network.parameter_count());
  MlpSpec critic_spec = kCritic;
  critic_spec.outputs = config.atoms;
  QNetworks critics(critic_spec, 1, 1, critic_rng);
  QNetwork& critic = critics.heads[0];
  const Vector atoms = Vector::LinSpaced(21, -3, 3);
  for (int update = 0; update < 3; ++update) {
    const TransitionBatch batch = random_batch(static_cast<std::uint64_t>(update));
    d4pg->gradient_step(batch, kAbsorbing);
    const TorchBatch b(batch);
    const Matrix next = to_matrix(
        [&] {
          const torch::NoGradGuard guard;
          const TorchMlp slow(actor_network, actor_target), slow_critic(critics.network, critic.target);
          return torch::softmax(slow_critic(torch::cat({b.next, slow(b.next).tanh()}, 1)), 1);
        }(),
        kBatch, 21, "next");
    Matrix target(kBatch, 21);
    for (int i = 0; i < kBatch; ++i) {
      const bool ended = batch.terminated[static_cast<std::size_t>(i)] != 0;
      const auto absorbing = static_cast<float>(kAbsorbing);
      project_distribution(next.row(i).transpose(), batch.rewards(i) + (ended ? 0.9F * absorbing : 0),
                           ended ? 0 : 0.9F, -3, 3, target.row(i).transpose());
    }
    const TorchMlp actor(actor_network, actor_parameters), q(critics.network, critic.parameters);
    const auto actions = actor(b.observations).tanh();
    const auto held =
        actions.detach().requires_grad_(true);  // the critic learns nothing from the actor's loss
    const auto p = torch::softmax(q(torch::cat({b.observations, held}, 1)), 1);
    const auto slope = torch::autograd::grad({torch::matmul(p, vector_to_tensor(atoms)).sum()}, {held})[0];
    const auto clipped = slope / slope.norm(2, 1, true).clamp_min(1);
    (-(actions * clipped).sum() / kBatch).backward();
    (-(to_tensor(target) * torch::log_softmax(q(b.seen()), 1)).sum(1).mean()).backward();
    critic.gradients[0] = q.gradient();
    critic.step(adam, 0);
    adam_step(adam, actor.gradient(), actor_adam, actor_parameters);
    if (update == 1) {
      critic.target = critic.parameters;
      actor_target = actor_parameters;
    }
    CHECK(moved_alike(start, actor_parameters, mlp_of(d4pg->policy()).parameters));
  }
}

TEST_CASE(
    "a value bootstraps through truncation, takes the absorbing state's at termination, and is r/(1 - gamma)",
    "[irl]") {
  // One state, reward 1, gamma 0.9: Q = 1 / 0.1 = 10 when nothing terminates (truncation is no flag of a
  // batch), 1 when everything does, and 1 + 0.9 (-4) = -2.6 when the absorbing state is worth -4.
  struct Case {
    bool terminated;
    double absorbing, want;
  };
  for (const Case& c : {Case{false, 0, 10}, Case{true, 0, 1}, Case{true, -4, -2.6}}) {
    TransitionBatch batch;
    batch.resize(kBatch, kObs, kAct);
    batch.observations.setConstant(0.5F);
    batch.next_observations.setConstant(0.5F);
    batch.rewards.setOnes();
    batch.discounts.setConstant(0.9F);
    std::fill(batch.terminated.begin(), batch.terminated.end(), std::uint8_t{c.terminated});
    Td3Config config = small_td3();
    config.tau = 0.05;
    config.learning_rate = 3e-3;
    const auto td3 = make_td3(small_problem(), config);
    Rng rng(1);
    for (int i = 0; i < 3000; ++i) {
      fill_normal(rng, batch.actions);  // the value holds whatever the action
      batch.actions = batch.actions.array().tanh().matrix();
      td3->gradient_step(batch, c.absorbing);
    }
    Metrics all;
    td3->report(all);
    for (int i = 0; i < 200; ++i) td3->gradient_step(batch, c.absorbing);
    Metrics last;
    td3->report(last);
    INFO("terminated " << c.terminated << " absorbing " << c.absorbing);
    CHECK(last.values()[2].second == Approx(c.want).margin(0.15));
  }
}

TEST_CASE("the temperature settles where the entropy is the target's", "[irl]") {
  // gamma 0 and reward -|a|²: the best policy at temperature alpha is about N(0, alpha / 2) per action
  // entry, and alpha settles where its entropy is the target's -1 nat per entry, which a squashed
  // Gaussian has at sigma 0.0897.
  SacConfig config = small_sac();
  config.learning_rate = 3e-3;
  config.hidden = {32, 32};
  const auto sac = make_sac(small_problem(), config);
  TransitionBatch batch = random_batch(9);
  batch.discounts.setZero();
  Rng rng(2);
  const auto train = [&](int updates) {
    for (int i = 0; i < updates; ++i) {
      fill_normal(rng, batch.actions);
      batch.actions = batch.actions.array().tanh().matrix();
      batch.rewards = -batch.actions.rowwise().squaredNorm();
      sac->gradient_step(batch, 0);
    }
  };
  train(4000);
  Metrics settling;
  sac->report(settling);
  train(1000);
  Metrics settled;
  sac->report(settled);
  REQUIRE(settled.values()[3].first == "entropy");
  CHECK(settled.values()[3].second / kAct == Approx(-1).margin(0.05));
  REQUIRE(settled.values()[4].first == "temperature");
  CHECK(settled.values()[4].second == Approx(2 * 0.0897 * 0.0897).epsilon(0.3));
}

TEST_CASE("slow copies follow by Polyak's rule", "[irl]") {
  Rng rng(1);
  QNetworks critics(kCritic, 1, 1, rng);
  QNetwork& head = critics.heads[0];
  head.parameters.setOnes();
  head.target.setZero();
  head.gradients[0].setZero();
  for (int i = 0; i < 100; ++i) head.step({.learning_rate = 1e-3}, 0.02);
  // 1 - (1 - tau)^n
  CHECK(head.target(0) == Approx(1 - std::pow(0.98, 100)).epsilon(1e-4));
  CHECK(head.parameters(0) == 1);
}

TEST_CASE("an averaged policy is the mean of the actor's latest parameters", "[irl]") {
  SacConfig config = small_sac();
  const auto plain = make_sac(small_problem(), config);
  config.off_policy.average = 3;
  const auto averaged = make_sac(small_problem(), config);
  Vector want;
  for (int i = 1; i <= 6; ++i) {
    const TransitionBatch batch = random_batch(static_cast<std::uint64_t>(i));
    for (OffPolicyLearner* learner : {plain.get(), averaged.get()}) learner->gradient_step(batch, 0);
    const Vector present = mlp_of(plain->policy()).parameters;
    if (i == 1) want = present;
    want += (present - want) / static_cast<float>(std::min(i, 3));
    REQUIRE((present - want).cwiseAbs().maxCoeff() > (i == 1 ? -1 : 1e-5F));
    CHECK((mlp_of(averaged->policy()).parameters - want).cwiseAbs().maxCoeff() < 1e-6F);
  }
}

TEST_CASE("with decay nothing moves any more after the last step", "[irl]") {
  const bool decay = GENERATE(false, true);
  const auto make = [&](std::string_view kind) -> std::unique_ptr<OffPolicyLearner> {
    RlProblem problem = small_problem();
    problem.steps = 40;
    SacConfig sac = small_sac();
    Td3Config td3 = small_td3();
    D4pgConfig d4pg;
    d4pg.off_policy = small_off_policy();
    d4pg.hidden = {8, 6};
    for (OffPolicyConfig* config : {&sac.off_policy, &td3.off_policy, &d4pg.off_policy})
      config->decay = decay;
    if (kind == "sac") return make_sac(problem, sac);
    if (kind == "td3") return make_td3(problem, td3);
    return make_d4pg(problem, d4pg);
  };
  const auto learner = make(GENERATE("sac", "td3", "d4pg"));
  Steps steps;
  steps.resize(1, kObs, kAct);
  steps.observations.setZero();
  steps.actions.setZero();
  steps.next_observations.setZero();
  steps.rewards.setZero();
  for (int t = 0; t < 40; ++t) learner->observe(steps);
  const Vector before = mlp_of(learner->policy()).parameters;
  learner->gradient_step(random_batch(1), 0);
  CHECK((mlp_of(learner->policy()).parameters == before) == decay);
}

TEST_CASE("an off-policy learner restored from its archive goes on bit for bit", "[irl]") {
  const bool use_sac = GENERATE(true, false);
  const auto make = [&]() -> std::unique_ptr<OffPolicyLearner> {
    if (use_sac) return make_sac(small_problem(), small_sac());
    return make_td3(small_problem(), small_td3());
  };
  TaskReward reward;
  const auto drive = [&](OffPolicyLearner& learner, int from, int to) {
    Steps steps;
    steps.resize(1, kObs, kAct);
    steps.streams[0] = 0;
    for (int t = from; t < to; ++t) {
      steps.observations.setConstant(std::sin(static_cast<float>(t)));
      learner.act(steps.observations, steps.actions);
      steps.next_observations.setConstant(std::sin(static_cast<float>(t + 1)));
      steps.rewards.setConstant(steps.actions(0, 0));
      steps.terminated[0] = t % 7 == 0;
      steps.truncated[0] = t % 11 == 0;
      learner.observe(steps);
      learner.update(reward);
    }
  };
  const auto whole = make();
  drive(*whole, 0, 120);
  const auto first = make();
  drive(*first, 0, 70);
  Archive saved;
  first->serialise(saved);
  const auto second = make();
  Archive loading(saved.bytes(), "learner");
  second->serialise(loading);
  loading.finish();
  drive(*second, 70, 120);
  CHECK(second->updates() == 88);
  CHECK(second->updates() == whole->updates());
  CHECK(mlp_of(second->policy()).parameters == mlp_of(whole->policy()).parameters);
}

}  // namespace understudy
