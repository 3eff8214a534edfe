#include "irl/off_policy/sac.h"

#include <cmath>

#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/off_policy/gaussian_actor.h"
#include "irl/off_policy/q_network.h"
#include "irl/off_policy/shards.h"
#include "irl/off_policy/soft_loss.h"
#include "irl/off_policy/tanh_gaussian.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// What one thread needs for its rows of a batch.
struct Shard {
  MlpWorkspace actor;
  std::vector<MlpWorkspace> critics;   ///< two of each pair, one after the other
  Matrix pair_values, pair_gradients;  ///< [pairs, rows] smaller values
  Matrix inputs;                       ///< [rows, obs_dim + act_dim]
  Matrix action_gradient;              ///< [rows, act_dim]
  Matrix other_gradient;               ///< [rows, act_dim]
  Vector log_density, density_gradient, value, value_gradient, target;  ///< [rows]
  std::vector<std::uint8_t> smaller;  ///< [pairs, rows] index of the smaller critic of the pair
  Vector actor_gradient;
  double critic_loss = 0, q_sum = 0, actor_loss = 0, log_density_sum = 0;  ///< sums over the rows
};

class Sac final : public OffPolicyLearner {
 public:
  Sac(const RlProblem& problem, const SacConfig& config)
      : OffPolicyLearner(problem, config.off_policy),
        sac_(config),
        actor_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyActor);
          return GaussianActor(problem, config.hidden, rng);
        }()),
        critics_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyCritics);
          return QNetworks({.inputs = problem.obs_dim + problem.act_dim,
                            .hidden = config.hidden,
                            .outputs = 1,
                            .activation = Activation::kRelu},
                           2 * config.critic_pairs, std::max(problem.threads, 1), rng);
        }()),
        log_temperature_(Vector::Constant(1, static_cast<float>(std::log(config.temperature)))),
        temperature_adam_(1),
        shards_(at(shards())) {
    for (int s = 0; s < shards(); ++s) {
      const int rows = rows_of(s).count;
      Shard& shard = shards_[at(s)];
      shard.actor = MlpWorkspace(problem.device);
      for (int k = 0; k < heads(); ++k) shard.critics.emplace_back(problem.device);
      shard.pair_values.resize(config.critic_pairs, rows);
      shard.pair_gradients.resize(config.critic_pairs, rows);
      shard.inputs.resize(rows, problem.obs_dim + problem.act_dim);
      shard.action_gradient.resize(rows, problem.act_dim);
      shard.other_gradient.resize(rows, problem.act_dim);
      for (Vector* vector : {&shard.log_density, &shard.density_gradient, &shard.value, &shard.value_gradient,
                             &shard.target}) {
        vector->resize(rows);
      }
      shard.smaller.resize(at(config.critic_pairs * rows));
      shard.actor_gradient.resize(actor_.network.parameter_count());
    }
    noise_.resize(config_.batch, problem.act_dim);
    next_noise_.resize(config_.batch, problem.act_dim);
  }

  void learn_from(const TransitionBatch& batch, double absorbing_value) override {
    fill_normal(rng_, next_noise_);
    fill_normal(rng_, noise_);
    pool_.run(shards(), [&](int s) { critic_gradient(batch, absorbing_value, s); });
    const AdamConfig adam{.learning_rate = sac_.learning_rate * rate_share()};
    pool_.run(heads(), [&](int k) { critics_.heads[at(k)].step(adam, sac_.tau); });
    const double loss = sum(shards_, &Shard::critic_loss);
    for (const Shard& shard : shards_) value_.add(shard.q_sum / config_.batch * shards());
    want_finite(loss, "critic loss");
    critic_loss_.add(loss / config_.batch);
    if (!actor_learns()) return;

    pool_.run(shards(), [&](int s) { actor_gradient(batch, s); });
    const double actor_loss = sum(shards_, &Shard::actor_loss);
    want_finite(actor_loss, "actor loss");
    adam_step(adam, sum_into_first(shards_, &Shard::actor_gradient), actor_.adam, actor_.parameters);
    const double mean_log_density = sum(shards_, &Shard::log_density_sum) / config_.batch;
    if (sac_.tune_temperature) tune_temperature(mean_log_density);
    actor_loss_.add(actor_loss / config_.batch);
    entropy_.add(-mean_log_density);
  }

  void report(Metrics& metrics) override {
    metrics.set("critic_loss", critic_loss_.take());
    metrics.set("actor_loss", actor_loss_.take());
    metrics.set("value", value_.take());
    metrics.set("entropy", entropy_.take());
    metrics.set("temperature", temperature());
  }

 private:
  double temperature() const { return std::exp(static_cast<double>(log_temperature_(0))); }

  void explore(ConstMatrixRef observations, MatrixRef actions) override {
    actor_.explore(observations, rng_, actions);
  }

  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    actor_.log_density(observations, actions, result);
  }

  int heads() const { return static_cast<int>(critics_.heads.size()); }
  static Eigen::Map<Vector> row(Matrix& matrix, int pair) { return {matrix.row(pair).data(), matrix.cols()}; }
  /// Of the pair's rows.
  static std::span<std::uint8_t> smaller(Shard& shard, int pair) {
    return std::span(shard.smaller)
        .subspan(at(pair) * at(static_cast<int>(shard.value.size())),
                 at(static_cast<int>(shard.value.size())));
  }

  /// Q_k of shard.inputs for all critics, with their present or slow parameters.
  void values(Shard& shard, bool slow) const {
    for (int k = 0; k < heads(); ++k) {
      const QNetwork& head = critics_.heads[at(k)];
      critics_.network.forward(slow ? head.target : head.parameters, shard.inputs, shard.critics[at(k)]);
    }
  }

  /// The smaller of each pair's values, of the last pass.
  void pair_values(Shard& shard) const {
    for (int pair = 0; pair < sac_.critic_pairs; ++pair) {
      smaller_value(q_values(shard.critics[at(2 * pair)]), q_values(shard.critics[at(2 * pair + 1)]),
                    row(shard.pair_values, pair), smaller(shard, pair));
    }
  }

  /// Samples actions at `observations` into the action columns of shard.inputs.
  void sample_inputs(ConstMatrixRef observations, ConstMatrixRef noise, Shard& shard) const {
    actor_.network.forward(actor_.parameters, observations, shard.actor);
    shard.inputs.leftCols(problem_.obs_dim) = observations;
    sample_tanh_gaussian(shard.actor.outputs(), noise, shard.inputs.rightCols(problem_.act_dim),
                         shard.log_density);
  }

  void critic_gradient(const TransitionBatch& batch, double absorbing_value, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    sample_inputs(batch.next_observations.middleRows(first, rows), next_noise_.middleRows(first, rows),
                  shard);
    values(shard, true);
    pair_values(shard);

    shard.inputs.leftCols(problem_.obs_dim) = batch.observations.middleRows(first, rows);
    shard.inputs.rightCols(problem_.act_dim) = batch.actions.middleRows(first, rows);
    values(shard, false);
    shard.critic_loss = 0;
    shard.q_sum = static_cast<double>(q_values(shard.critics[0]).sum());
    for (int k = 0; k < heads(); ++k) {
      if (k % 2 == 0) {
        shard.value = row(shard.pair_values, k / 2);
        soft_value(shard.log_density, temperature(), shard.value);
        bellman_target({.rewards = batch.rewards.segment(first, rows),
                        .discounts = batch.discounts.segment(first, rows),
                        .terminated = std::span(batch.terminated).subspan(at(first), at(rows)),
                        .next_values = shard.value,
                        .absorbing_value = absorbing_value},
                       shard.target);
      }
      MlpWorkspace& critic = shard.critics[at(k)];
      shard.critic_loss += q_loss(q_values(critic), shard.target, config_.batch, q_gradient(critic));
      QNetwork& head = critics_.heads[at(k)];
      critics_.network.backward(head.parameters, shard.inputs, critic, head.gradients[at(s)]);
    }
  }

  void actor_gradient(const TransitionBatch& batch, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    const auto observations = batch.observations.middleRows(first, rows);
    const auto noise = noise_.middleRows(first, rows);
    sample_inputs(observations, noise, shard);
    values(shard, false);
    pair_values(shard);
    optimistic_value(shard.pair_values, sac_.optimism, shard.value);
    shard.actor_loss =
        soft_actor_loss({.value = shard.value,
                         .log_density = shard.log_density,
                         .alpha = temperature(),
                         .batch = config_.batch},
                        {.value = shard.value_gradient, .log_density = shard.density_gradient});
    shard.log_density_sum = static_cast<double>(shard.log_density.sum());
    optimistic_value_backward(shard.pair_values, sac_.optimism, shard.value_gradient, shard.pair_gradients);
    for (int k = 0; k < heads(); ++k) {
      MlpWorkspace& critic = shard.critics[at(k)];
      smaller_value_backward(smaller(shard, k / 2), row(shard.pair_gradients, k / 2), k % 2,
                             q_gradient(critic));
      critics_.network.backward_inputs(critics_.heads[at(k)].parameters, critic, problem_.obs_dim,
                                       k == 0 ? shard.action_gradient : shard.other_gradient);
      if (k > 0) shard.action_gradient += shard.other_gradient;
    }
    tanh_gaussian_backward(shard.actor.outputs(), noise, shard.inputs.rightCols(problem_.act_dim),
                           shard.action_gradient, shard.density_gradient, shard.actor.output_gradient());
    actor_.network.backward(actor_.parameters, observations, shard.actor, shard.actor_gradient);
  }

  void tune_temperature(double mean_log_density) {
    const TemperatureLoss loss =
        temperature_loss({.log_alpha = static_cast<double>(log_temperature_(0)),
                          .mean_log_density = mean_log_density,
                          .target_entropy = sac_.entropy_per_action * problem_.act_dim});
    const Vector gradient = Vector::Constant(1, static_cast<float>(loss.gradient));
    adam_step({.learning_rate = sac_.learning_rate * rate_share()}, gradient, temperature_adam_,
              log_temperature_);
  }

  const MlpSpec& actor_spec() const override { return actor_.network.spec(); }
  const Vector& actor_parameters() const override { return actor_.parameters; }

  void serialise_networks(Archive& archive) override {
    actor_.serialise(archive);
    critics_.serialise(archive);
    archive("log temperature", log_temperature_);
    archive.want_finite(log_temperature_);
    serialise_adam(archive, temperature_adam_);
    for (RunningMean* mean : {&critic_loss_, &actor_loss_, &value_, &entropy_}) mean->serialise(archive);
  }

  const SacConfig sac_;
  GaussianActor actor_;
  QNetworks critics_;
  Vector log_temperature_;  ///< [1]
  AdamState temperature_adam_;
  std::vector<Shard> shards_;
  Matrix noise_, next_noise_;  ///< [batch, act_dim]
  RunningMean critic_loss_, actor_loss_, value_, entropy_;
};

}  // namespace

SettingList settings(SacConfig& c) {
  SettingList list = off_policy_settings(c.off_policy);
  list.push_back({"hidden", &c.hidden, "Widths of the hidden layers of actor and critics"});
  list.push_back({"learning-rate", &c.learning_rate, "Adam's step size", 1e-8, 1});
  list.push_back({"tau", &c.tau, "Share of the way that target networks move per update", 1e-6, 1});
  list.push_back({"temperature", &c.temperature, "Weight of the entropy at the start", 1e-8, 1e4});
  list.push_back({"tune-temperature", &c.tune_temperature, "Tune the temperature to the target entropy"});
  list.push_back(
      {"entropy-per-action", &c.entropy_per_action, "Target entropy per action entry [nat]", -20, 0.69});
  for (const Setting& setting : ensemble_settings(c.critic_pairs, c.optimism)) list.push_back(setting);
  return list;
}

std::unique_ptr<OffPolicyLearner> make_sac(const RlProblem& problem, const SacConfig& config) {
  SacConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Sac>(problem, config);
}

}  // namespace understudy
