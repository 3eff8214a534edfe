#include "irl/off_policy/td3.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/network_loops.h"
#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/off_policy/deterministic_actor.h"
#include "irl/off_policy/q_loss.h"
#include "irl/off_policy/q_network.h"
#include "irl/off_policy/shards.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

struct Shard {
  MlpWorkspace actor;
  MlpWorkspace critics[2];
  Matrix inputs;                      ///< [rows, obs_dim + act_dim]
  Matrix action_gradient;             ///< [rows, act_dim]
  Vector value, target;               ///< [rows]
  std::vector<std::uint8_t> smaller;  ///< [rows] index of the smaller critic
  Vector actor_gradient;
  double critic_loss = 0, q_sum = 0, actor_loss = 0;  ///< sums over the rows
};

class Td3 final : public OffPolicyLearner {
 public:
  Td3(const RlProblem& problem, const Td3Config& config)
      : OffPolicyLearner(problem, config.off_policy),
        td3_(config),
        actor_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyActor);
          return DeterministicActor(problem, config.hidden, rng);
        }()),
        critics_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyCritics);
          return QNetworks({.inputs = problem.obs_dim + problem.act_dim,
                            .hidden = config.hidden,
                            .outputs = 1,
                            .activation = Activation::kRelu},
                           config.critics, std::max(problem.threads, 1), rng);
        }()),
        shards_(at(shards())) {
    for (int s = 0; s < shards(); ++s) {
      const int rows = rows_of(s).count;
      Shard& shard = shards_[at(s)];
      for (MlpWorkspace* workspace : {&shard.actor, &shard.critics[0], &shard.critics[1]}) {
        *workspace = MlpWorkspace(problem.device);
      }
      shard.inputs.resize(rows, problem.obs_dim + problem.act_dim);
      shard.action_gradient.resize(rows, problem.act_dim);
      shard.value.resize(rows);
      shard.target.resize(rows);
      shard.smaller.resize(at(rows));
      shard.actor_gradient.resize(actor_.network.parameter_count());
    }
    noise_.resize(config_.batch, problem.act_dim);
  }

  void learn_from(const TransitionBatch& batch, double absorbing_value) override {
    if (td3_.target_noise > 0) {
      fill_normal(rng_, noise_);
      const auto clip = static_cast<float>(td3_.noise_clip);
      noise_ = (noise_ * static_cast<float>(td3_.target_noise)).cwiseMax(-clip).cwiseMin(clip);
    } else {
      noise_.setZero();
    }
    pool_.run(shards(), [&](int s) { critic_gradient(batch, absorbing_value, s); });
    const AdamConfig adam{.learning_rate = td3_.learning_rate * rate_share()};
    pool_.run(td3_.critics, [&](int k) { critics_.heads[at(k)].step(adam, td3_.tau); });
    const double loss = sum(shards_, &Shard::critic_loss);
    want_finite(loss, "critic loss");
    critic_loss_.add(loss / config_.batch);
    value_.add(sum(shards_, &Shard::q_sum) / config_.batch);
    if (!actor_learns() || (updates_ + 1) % static_cast<std::uint64_t>(td3_.delay) != 0) return;

    pool_.run(shards(), [&](int s) { actor_gradient(batch, s); });
    const double actor_loss = sum(shards_, &Shard::actor_loss);
    want_finite(actor_loss, "actor loss");
    actor_loss_.add(actor_loss / config_.batch);
    adam_step(adam, sum_into_first(shards_, &Shard::actor_gradient), actor_.adam, actor_.parameters);
    kernels::polyak(static_cast<float>(td3_.tau), actor_.parameters.data(), actor_.target.data(),
                    static_cast<std::size_t>(actor_.target.size()));
  }

  void report(Metrics& metrics) override {
    metrics.set("critic_loss", critic_loss_.take());
    metrics.set("actor_loss", actor_loss_.take());
    metrics.set("value", value_.take());
  }

 private:
  void explore(ConstMatrixRef observations, MatrixRef actions) override {
    actor_.explore(observations, td3_.exploration, rng_, actions);
  }

  void log_density(ConstMatrixRef /*observations*/, ConstMatrixRef /*actions*/,
                   VectorRef /*result*/) override {
    throw UsageError(
        "--rl: this reward needs a policy with a density, which TD3 and DDPG do not have; use --rl sac");
  }

  void values(Shard& shard, bool slow, int count) const {
    for (int k = 0; k < count; ++k) {
      const QNetwork& head = critics_.heads[at(k)];
      critics_.network.forward(slow ? head.target : head.parameters, shard.inputs, shard.critics[k]);
    }
  }

  void critic_gradient(const TransitionBatch& batch, double absorbing_value, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    actor_.act(actor_.target, batch.next_observations.middleRows(first, rows), shard.actor, shard.inputs);
    auto actions = shard.inputs.rightCols(problem_.act_dim);
    actions = (actions + noise_.middleRows(first, rows)).cwiseMax(-1.0F).cwiseMin(1.0F);
    values(shard, true, td3_.critics);
    smaller_value(q_values(shard.critics[0]), q_values(shard.critics[td3_.critics - 1]), shard.value,
                  shard.smaller);
    bellman_target({.rewards = batch.rewards.segment(first, rows),
                    .discounts = batch.discounts.segment(first, rows),
                    .terminated = std::span(batch.terminated).subspan(at(first), at(rows)),
                    .next_values = shard.value,
                    .absorbing_value = absorbing_value},
                   shard.target);

    shard.inputs.leftCols(problem_.obs_dim) = batch.observations.middleRows(first, rows);
    shard.inputs.rightCols(problem_.act_dim) = batch.actions.middleRows(first, rows);
    values(shard, false, td3_.critics);
    shard.critic_loss = 0;
    shard.q_sum = static_cast<double>(q_values(shard.critics[0]).sum());
    for (int k = 0; k < td3_.critics; ++k) {
      MlpWorkspace& critic = shard.critics[k];
      shard.critic_loss += q_loss(q_values(critic), shard.target, config_.batch, q_gradient(critic));
      QNetwork& head = critics_.heads[at(k)];
      critics_.network.backward(head.parameters, shard.inputs, critic, head.gradients[at(s)]);
    }
  }

  void actor_gradient(const TransitionBatch& batch, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    const auto observations = batch.observations.middleRows(first, rows);
    actor_.act(actor_.parameters, observations, shard.actor, shard.inputs);
    values(shard, false, 1);
    MlpWorkspace& critic = shard.critics[0];
    shard.actor_loss = q_ascent_loss(q_values(critic), config_.batch, q_gradient(critic));
    critics_.network.backward_inputs(critics_.heads[0].parameters, critic, problem_.obs_dim,
                                     shard.action_gradient);
    actor_.backward(observations, shard.inputs, shard.actor, shard.action_gradient, shard.actor_gradient);
  }

  const MlpSpec& actor_spec() const override { return actor_.network.spec(); }
  const Vector& actor_parameters() const override { return actor_.parameters; }

  void serialise_networks(Archive& archive) override {
    actor_.serialise(archive);
    critics_.serialise(archive);
    for (RunningMean* mean : {&critic_loss_, &actor_loss_, &value_}) mean->serialise(archive);
  }

  const Td3Config td3_;
  DeterministicActor actor_;
  QNetworks critics_;
  std::vector<Shard> shards_;
  Matrix noise_;  ///< [batch, act_dim] smoothing
  RunningMean critic_loss_, actor_loss_, value_;
};

}  // namespace

Td3Config ddpg_config() {
  Td3Config config;
  config.critics = 1;
  config.delay = 1;
  config.target_noise = 0;
  return config;
}

SettingList settings(Td3Config& c) {
  SettingList list = off_policy_settings(c.off_policy);
  list.push_back({"hidden", &c.hidden, "Widths of the hidden layers of actor and critics"});
  list.push_back({"learning-rate", &c.learning_rate, "Adam's step size", 1e-8, 1});
  list.push_back({"tau", &c.tau, "Share of the way that target networks move per update", 1e-6, 1});
  list.push_back({"critics", &c.critics, "Critics, of which the smaller value counts", 1, 2});
  list.push_back({"delay", &c.delay, "Updates of the critics per update of the actor", 1, 100});
  list.push_back({"exploration", &c.exploration, "Deviation of the noise on actions", 0, 2});
  list.push_back({"target-noise", &c.target_noise, "Deviation of the noise on target actions", 0, 2});
  list.push_back({"noise-clip", &c.noise_clip, "Most noise on target actions", 0, 2});
  return list;
}

std::unique_ptr<OffPolicyLearner> make_td3(const RlProblem& problem, const Td3Config& config) {
  Td3Config checked = config;
  check_settings(settings(checked));
  return std::make_unique<Td3>(problem, config);
}

}  // namespace understudy
