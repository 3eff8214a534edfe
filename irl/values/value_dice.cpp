#include "irl/values/value_dice.h"

#include <optional>

#include "bc/networks/blas.h"
#include "bc/networks/gradient_penalty.h"
#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/off_policy/gaussian_actor.h"
#include "irl/off_policy/shards.h"
#include "irl/off_policy/tanh_gaussian.h"
#include "irl/values/value_dice_loss.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

ValueDiceConfig checked(ValueDiceConfig config) {
  check_settings(settings(config));
  config.off_policy.n_step = 1;  // x is defined step by step
  return config;
}

/// What one thread needs for its n rows of either side. Of 2n rows the expert's come first.
struct Shard {
  Matrix observations;     ///< [3n, obs_dim] starts, then next of expert and replay
  Matrix noise;            ///< [3n, act_dim]
  Matrix inputs;           ///< [5n, obs_dim + act_dim] (s, a) of both, starts, (s', a') of both
  Matrix mixed;            ///< [2n, obs_dim + act_dim] for the gradient penalty
  Matrix action_gradient;  ///< [3n, act_dim]
  Vector log_density;      ///< [3n] not needed by the loss
  Vector no_gradient;      ///< [3n] zeros: by log pi
  MlpWorkspace actor;
  MlpWorkspace nu = MlpWorkspace::with_hidden_layers();  ///< its gradient penalty looks into hidden layers
  std::optional<GradientPenalty> penalty;
  Vector actor_gradient, nu_gradient;
  double penalty_sum = 0;
};

class ValueDice final : public OffPolicyLearner {
 public:
  ValueDice(const RlProblem& problem, const ValueDiceConfig& config, const ExpertTransitions& expert)
      : OffPolicyLearner(problem, config.off_policy),
        dice_(config),
        expert_(expert),
        actor_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kValueDiceActor);
          return GaussianActor(problem, config.hidden, rng);
        }()),
        nu_({.inputs = problem.obs_dim + problem.act_dim,
             .hidden = config.hidden,
             .outputs = 1,
             .activation = Activation::kRelu}),
        nu_parameters_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kValueDiceNu);
          return nu_.initial_parameters(rng, 1);
        }()),
        nu_adam_(nu_.parameter_count()),
        absorbing_(Vector::Zero(1)),
        absorbing_adam_(1),
        loss_{.replay_share = config.replay_share, .gamma = config.off_policy.gamma},
        shards_(at(shards())) {
    for (int s = 0; s < shards(); ++s) prepare(shards_[at(s)], rows_of(s).count);
    drawn_.resize(config_.batch, problem.obs_dim, problem.act_dim);
    for (Vector* vector : {&x_, &x_gradient_}) vector->resize(4 * config_.batch);
    for (Vector* vector : {&starts_, &start_gradient_, &mix_}) vector->resize(config_.batch);
    differences_.resize(2 * config_.batch);
    difference_gradient_.resize(2 * config_.batch);
  }

  void learn_from(const TransitionBatch& batch, double /*absorbing_value*/) override {
    draw_expert(expert_, config_.batch, rng_, drawn_);
    for (Shard& shard : shards_) fill_normal(rng_, shard.noise);
    for (float& u : mix_) u = static_cast<float>(rng_.uniform());
    pool_.run(shards(), [&](int s) { evaluate(batch, s); });
    const double loss = weigh(batch);
    want_finite(loss, "loss");
    const bool acts = actor_learns();
    pool_.run(shards(), [&](int s) { gradients(s, acts); });
    const double penalty = sum(shards_, &Shard::penalty_sum);
    want_finite(penalty, "gradient penalty");
    const AdamConfig nu_adam{.learning_rate = dice_.nu_learning_rate * rate_share()};
    adam_step(nu_adam, sum_into_first(shards_, &Shard::nu_gradient), nu_adam_, nu_parameters_);
    if (dice_.absorbing) adam_step(nu_adam, absorbing_gradient_, absorbing_adam_, absorbing_);
    if (acts) {
      Vector& gradient = sum_into_first(shards_, &Shard::actor_gradient);
      if (dice_.orthogonality > 0) {
        orthogonality(actor_.network, actor_.parameters, dice_.orthogonality, gram_, gradient);
      }
      adam_step({.learning_rate = dice_.actor_learning_rate * rate_share()}, gradient, actor_.adam,
                actor_.parameters);
    }
    divergence_.add(-loss);
    penalty_.add(penalty);
  }

  void report(Metrics& metrics) override {
    metrics.set("divergence", divergence_.take());
    metrics.set("gradient_penalty", penalty_.take());
    metrics.set("log_ratio_expert", expert_ratio_.take());
    metrics.set("log_ratio_agent", agent_ratio_.take());
    metrics.set("nu_absorbing", static_cast<double>(absorbing_(0)));
  }

 private:
  void prepare(Shard& shard, int n) const {
    const int inputs = problem_.obs_dim + problem_.act_dim;
    shard.actor = MlpWorkspace(problem_.device);
    shard.observations.resize(3 * n, problem_.obs_dim);
    shard.noise.resize(3 * n, problem_.act_dim);
    shard.inputs.resize(5 * n, inputs);
    shard.mixed.resize(2 * n, inputs);
    shard.action_gradient.resize(3 * n, problem_.act_dim);
    shard.log_density.resize(3 * n);
    shard.no_gradient.setZero(3 * n);
    shard.penalty.emplace(nu_);
    shard.actor_gradient.setZero(actor_.network.parameter_count());
    shard.nu_gradient.setZero(nu_.parameter_count());
  }

  void explore(ConstMatrixRef observations, MatrixRef actions) override {
    actor_.explore(observations, rng_, actions);
  }

  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    actor_.log_density(observations, actions, result);
  }

  /// nu of all rows, into starts_ and differences_ (the expert's batch, then the replay's).
  void evaluate(const TransitionBatch& replay, int s) {
    const Rows part = rows_of(s);
    const int first = part.first;
    const int n = part.count;
    Shard& shard = shards_[at(s)];
    const int obs_dim = problem_.obs_dim;
    shard.observations.topRows(n) = drawn_.observations.middleRows(first, n);
    const auto put = [&](const TransitionBatch& from, int row) {
      shard.inputs.block(row, 0, n, obs_dim) = from.observations.middleRows(first, n);
      shard.inputs.block(row, obs_dim, n, problem_.act_dim) = from.actions.middleRows(first, n);
      shard.observations.middleRows(n + row, n) = from.next_observations.middleRows(first, n);
    };
    put(drawn_, 0);
    put(replay, n);
    shard.inputs.block(2 * n, 0, 3 * n, obs_dim) = shard.observations;
    actor_.network.forward(actor_.parameters, shard.observations, shard.actor);
    sample_tanh_gaussian(shard.actor.outputs(), shard.noise,
                         shard.inputs.bottomRightCorner(3 * n, problem_.act_dim), shard.log_density);
    nu_.forward(nu_parameters_, shard.inputs, shard.nu);
    const auto nu = shard.nu.outputs();
    const auto gamma = static_cast<float>(config_.gamma);
    for (int i = 0; i < n; ++i) {
      starts_(first + i) = nu(2 * n + i, 0);
      for (int side = 0; side < 2; ++side) {
        const std::vector<std::uint8_t>& terminated = side == 0 ? drawn_.terminated : replay.terminated;
        const float next = terminated[at(first + i)] != 0 ? absorbing_(0) : nu((3 + side) * n + i, 0);
        differences_(side * config_.batch + first + i) = nu(side * n + i, 0) - gamma * next;
      }
    }
  }

  /// The loss over all rows, absorbing ones included, and its derivatives by
  /// starts_, differences_ and nu_abs.
  double weigh(const TransitionBatch& replay) {
    const int batch = config_.batch;
    const auto gamma = static_cast<float>(config_.gamma);
    int rows = 0;
    const auto append = [&](const std::vector<std::uint8_t>& terminated, int side) {
      for (int i = 0; i < batch; ++i) x_(rows++) = differences_(side * batch + i);
      if (!dice_.absorbing) return;
      for (const std::uint8_t ended : terminated) {
        if (ended != 0) x_(rows++) = (1 - gamma) * absorbing_(0);
      }
    };
    append(drawn_.terminated, 0);
    const int experts = rows;
    append(replay.terminated, 1);
    const double loss = loss_(x_.head(rows), experts, starts_, x_gradient_.head(rows), start_gradient_);
    expert_ratio_.add(static_cast<double>(differences_.head(batch).mean()));
    agent_ratio_.add(static_cast<double>(differences_.tail(batch).mean()));

    difference_gradient_.head(batch) = x_gradient_.head(batch);
    difference_gradient_.tail(batch) = x_gradient_.segment(experts, batch);
    float by_absorbing = (1 - gamma) * (x_gradient_.segment(batch, experts - batch).sum() +
                                        x_gradient_.segment(experts + batch, rows - experts - batch).sum());
    for (int i = 0; i < batch; ++i) {
      if (drawn_.terminated[at(i)] != 0) by_absorbing -= gamma * difference_gradient_(i);
      if (replay.terminated[at(i)] != 0) by_absorbing -= gamma * difference_gradient_(batch + i);
    }
    absorbing_gradient_(0) = by_absorbing;
    replay_terminated_ = &replay.terminated;
    return loss;
  }

  void gradients(int s, bool acts) {
    const auto [first, n] = rows_of(s);
    Shard& shard = shards_[at(s)];
    auto by_nu = shard.nu.output_gradient();
    const auto gamma = static_cast<float>(config_.gamma);
    for (int i = 0; i < n; ++i) {
      by_nu(2 * n + i, 0) = start_gradient_(first + i);
      for (int side = 0; side < 2; ++side) {
        const std::vector<std::uint8_t>& terminated = side == 0 ? drawn_.terminated : *replay_terminated_;
        const float gradient = difference_gradient_(side * config_.batch + first + i);
        by_nu(side * n + i, 0) = gradient;
        by_nu((3 + side) * n + i, 0) = terminated[at(first + i)] != 0 ? 0 : -gamma * gradient;
      }
    }
    nu_.backward(nu_parameters_, shard.inputs, shard.nu, shard.nu_gradient);
    if (acts) actor_gradient(n, shard);
    punish(first, n, shard);
  }

  /// The actor maximises L through the actions that it drew: dL/da = dL/dz_1 W_1', rows of the actions.
  void actor_gradient(int n, Shard& shard) {
    const int width = nu_.width(1);
    multiply({.rows = 3 * n,
              .columns = problem_.act_dim,
              .inner = width,
              .a = shard.nu.gradients(0).data() + 2 * n * width,
              .a_stride = width,
              .b = nu_parameters_.data() + nu_.weight_offset(0) + problem_.obs_dim * width,
              .b_stride = width,
              .transpose_b = true,
              .c = shard.action_gradient.data(),
              .c_stride = problem_.act_dim,
              .alpha = -1});
    tanh_gaussian_backward(shard.actor.outputs(), shard.noise,
                           shard.inputs.bottomRightCorner(3 * n, problem_.act_dim), shard.action_gradient,
                           shard.no_gradient, shard.actor.output_gradient());
    actor_.network.backward(actor_.parameters, shard.observations, shard.actor, shard.actor_gradient);
  }

  /// Adds the gradient penalty at rows mixed of both sides.
  void punish(int first, int n, Shard& shard) {
    shard.penalty_sum = 0;
    if (dice_.penalty == 0) return;
    for (int i = 0; i < n; ++i) {
      const float u = mix_(first + i);
      shard.mixed.row(i) = u * shard.inputs.row(i) + (1 - u) * shard.inputs.row(n + i);
      shard.mixed.row(n + i) = u * shard.inputs.row(3 * n + i) + (1 - u) * shard.inputs.row(4 * n + i);
    }
    const double share = static_cast<double>(n) / config_.batch;
    shard.penalty_sum =
        share * shard.penalty->add(nu_parameters_, shard.mixed, share * dice_.penalty, shard.nu_gradient);
  }

  const MlpSpec& actor_spec() const override { return actor_.network.spec(); }
  const Vector& actor_parameters() const override { return actor_.parameters; }

  void serialise_networks(Archive& archive) override {
    actor_.serialise(archive);
    archive("nu", nu_parameters_);
    archive.want_finite(nu_parameters_);
    serialise_adam(archive, nu_adam_);
    archive("nu absorbing", absorbing_);
    archive.want_finite(absorbing_);
    serialise_adam(archive, absorbing_adam_);
    for (RunningMean* mean : {&divergence_, &penalty_, &expert_ratio_, &agent_ratio_})
      mean->serialise(archive);
  }

  const ValueDiceConfig dice_;
  const ExpertTransitions& expert_;
  GaussianActor actor_;
  Mlp nu_;
  Vector nu_parameters_;
  AdamState nu_adam_;
  Vector absorbing_;  ///< [1] nu_abs
  AdamState absorbing_adam_;
  const ValueDiceLoss loss_;
  std::vector<Shard> shards_;
  TransitionBatch drawn_;                     ///< of the expert
  Vector starts_, start_gradient_;            ///< [batch]
  Vector differences_, difference_gradient_;  ///< [2 batch] x of the transitions
  Vector x_, x_gradient_;                     ///< [<= 4 batch] with absorbing rows
  Vector mix_;                                ///< [batch] u of the gradient penalty
  Vector absorbing_gradient_ = Vector::Zero(1);
  const std::vector<std::uint8_t>* replay_terminated_ = nullptr;  ///< of the batch at hand
  Matrix gram_;
  RunningMean divergence_, penalty_, expert_ratio_, agent_ratio_;
};

}  // namespace

SettingList settings(ValueDiceConfig& c) {
  SettingList list = off_policy_settings(c.off_policy);
  std::erase_if(list, [](const Setting& setting) { return setting.name == "n-step"; });
  list.push_back({"hidden", &c.hidden, "Widths of the hidden layers of policy and nu"});
  list.push_back({"nu-learning-rate", &c.nu_learning_rate, "Adam's step size for nu", 1e-8, 1});
  list.push_back({"actor-learning-rate", &c.actor_learning_rate, "Adam's step size for the actor", 1e-8, 1});
  list.push_back({"replay-share", &c.replay_share, "Share of the replay in what is matched", 0, 0.99});
  list.push_back({"penalty", &c.penalty, "Weight of nu's gradient penalty", 0, 1e4});
  list.push_back({"orthogonality", &c.orthogonality, "Weight that keeps the actor's units apart", 0, 1e4});
  list.push_back({"absorbing", &c.absorbing, "The absorbing state has a nu of its own; without, 0"});
  return list;
}

std::unique_ptr<OffPolicyLearner> make_value_dice(const RlProblem& problem, const ValueDiceConfig& config,
                                                  const ExpertTransitions& expert) {
  check_imitation_problem({.expert = &expert, .gamma = config.off_policy.gamma, .seed = problem.seed});
  return std::make_unique<ValueDice>(problem, checked(config), expert);
}

}  // namespace understudy
