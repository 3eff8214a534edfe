#include "irl/values/iq_learn.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/experts/termination_rates.h"
#include "irl/off_policy/gaussian_actor.h"
#include "irl/off_policy/q_network.h"
#include "irl/off_policy/shards.h"
#include "irl/off_policy/tanh_gaussian.h"
#include "irl/values/inverse_dynamics.h"
#include "irl/values/iq_loss.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

IqLoss::Value parse_value_loss(const std::string& name) {
  if (name == "value") return IqLoss::Value::kBoth;
  if (name == "value-expert") return IqLoss::Value::kExpert;
  if (name == "v0") return IqLoss::Value::kStarts;
  throw UsageError(unknown_name("value loss", name, {"value", "value-expert", "v0"}));
}

IqLearnConfig checked(IqLearnConfig config) {
  check_settings(settings(config));
  config.off_policy.n_step = 1;  // r is defined step by step
  return config;
}

/// What one thread needs for its n rows of either side. Of 2n rows the expert's come first.
struct Shard {
  Matrix observations;     ///< [4n, obs_dim] here of expert and agent, then next
  Matrix noise;            ///< [4n, act_dim]
  Matrix inputs;           ///< [6n, obs_dim + act_dim] (s, a), then (s, b), then (s', b')
  Matrix action_gradient;  ///< [2n, act_dim]
  Matrix other_gradient;
  Vector log_density;                                ///< [4n]
  Vector q, value, next;                             ///< [2n]
  Vector q_gradient, value_gradient, next_gradient;  ///< [2n]
  Vector density_gradient;                           ///< [2n]
  Vector value_sum, next_sum;                        ///< [2n] gradients summed over the critics
  /// [pairs, 2n] index of the smaller critic of the group
  std::vector<std::uint8_t> smaller, smaller_next;
  Matrix group_values, group_gradients;  ///< [pairs, 2n] smaller values, for the actor
  std::vector<std::uint8_t> terminated;  ///< [2n]
  MlpWorkspace actor;
  std::vector<MlpWorkspace> critics, slow;  ///< group after group
  Vector actor_gradient;
  double loss = 0, actor_loss = 0, log_density_sum = 0, expert_reward = 0, agent_reward = 0;  ///< sums
};

class IqLearn final : public OffPolicyLearner {
 public:
  IqLearn(const RlProblem& problem, const IqLearnConfig& config, const ExpertTransitions& expert)
      : OffPolicyLearner(problem, config.off_policy),
        iq_(config),
        expert_(expert),
        actor_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kIqLearnActor);
          return GaussianActor(problem, config.hidden, rng);
        }()),
        critics_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kIqLearnCritics);
          QNetworks critics({.inputs = problem.obs_dim + problem.act_dim,
                             .hidden = config.hidden,
                             .outputs = 1,
                             .activation = Activation::kRelu,
                             .layer_norm = config.layer_norm},
                            config.critics * config.critic_pairs, std::max(problem.threads, 1), rng);
          if (expert.states_only) {
            inverse_.emplace(
                InverseDynamics::Shape{
                    .obs_dim = problem.obs_dim, .act_dim = problem.act_dim, .hidden = config.hidden},
                rng);
          }
          return critics;
        }()),
        loss_{.value = parse_value_loss(config.value_loss),
              .regularise_agent = config.regularise_agent,
              .least_squares = config.least_squares,
              .alpha = config.alpha,
              .gamma = config.off_policy.gamma,
              .batch = config.off_policy.batch},
        rates_(expert),
        shards_(at(shards())) {
    for (int s = 0; s < shards(); ++s) prepare(shards_[at(s)], rows_of(s).count);
    drawn_.resize(config_.batch, problem.obs_dim, problem.act_dim);
  }

  void learn_from(const TransitionBatch& batch, double /*absorbing_value*/) override {
    draw_expert(expert_, config_.batch, rng_, drawn_);
    if (inverse_) {
      const double error = inverse_->learn(batch, iq_.critic_learning_rate * rate_share());
      want_finite(error, "inverse dynamics error");
      inverse_error_.add(error);
      inverse_->infer(drawn_.observations, drawn_.next_observations, drawn_.actions);
    }
    rates_.see(batch.terminated);
    for (Shard& shard : shards_) fill_normal(rng_, shard.noise);
    pool_.run(shards(), [&](int s) { critic_gradient(batch, s); });
    want_finite(sum(shards_, &Shard::loss), "critic loss");
    pool_.run(heads(), [&](int k) {
      critics_.heads[at(k)].step({.learning_rate = iq_.critic_learning_rate * rate_share()}, iq_.tau);
    });
    critic_loss_.add(sum(shards_, &Shard::loss));
    expert_reward_.add(sum(shards_, &Shard::expert_reward) / config_.batch);
    agent_reward_.add(sum(shards_, &Shard::agent_reward) / config_.batch);
    if (!actor_learns()) return;

    for (Shard& shard : shards_) fill_normal(rng_, shard.noise);
    pool_.run(shards(), [&](int s) { actor_gradient(s); });
    want_finite(sum(shards_, &Shard::actor_loss), "actor loss");
    adam_step({.learning_rate = iq_.actor_learning_rate * rate_share()},
              sum_into_first(shards_, &Shard::actor_gradient), actor_.adam, actor_.parameters);
    actor_loss_.add(sum(shards_, &Shard::actor_loss));
    entropy_.add(-sum(shards_, &Shard::log_density_sum) / (2 * config_.batch));
  }

  void report(Metrics& metrics) override {
    metrics.set("critic_loss", critic_loss_.take());
    metrics.set("actor_loss", actor_loss_.take());
    metrics.set("entropy", entropy_.take());
    metrics.set("reward_expert", expert_reward_.take());
    metrics.set("reward_agent", agent_reward_.take());
    metrics.set("reward_absorbing", absorbing_reward());
    if (inverse_) metrics.set("inverse_error", inverse_error_.take());
  }

 private:
  void prepare(Shard& shard, int n) const {
    shard.actor = MlpWorkspace(problem_.device);
    for (int k = 0; k < heads(); ++k) {
      shard.critics.emplace_back(problem_.device);
      shard.slow.emplace_back(problem_.device);
    }
    shard.group_values.resize(iq_.critic_pairs, 2 * n);
    shard.group_gradients.resize(iq_.critic_pairs, 2 * n);
    shard.observations.resize(4 * n, problem_.obs_dim);
    shard.noise.resize(4 * n, problem_.act_dim);
    shard.inputs.resize(6 * n, problem_.obs_dim + problem_.act_dim);
    shard.action_gradient.resize(2 * n, problem_.act_dim);
    shard.other_gradient.resize(2 * n, problem_.act_dim);
    shard.log_density.resize(4 * n);
    for (Vector* vector :
         {&shard.q, &shard.value, &shard.next, &shard.q_gradient, &shard.value_gradient, &shard.next_gradient,
          &shard.density_gradient, &shard.value_sum, &shard.next_sum}) {
      vector->resize(2 * n);
    }
    shard.smaller.resize(at(2 * n * iq_.critic_pairs));
    shard.smaller_next.resize(at(2 * n * iq_.critic_pairs));
    shard.terminated.resize(at(2 * n));
    shard.actor_gradient.resize(actor_.network.parameter_count());
  }

  double absorbing_reward() const {
    return iq_.absorbing ? loss_.absorbing_reward(rates_.expert(), rates_.agent()) : 0;
  }

  void explore(ConstMatrixRef observations, MatrixRef actions) override {
    actor_.explore(observations, rng_, actions);
  }

  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    actor_.log_density(observations, actions, result);
  }

  /// Lays out a shard's rows of both sides in shard.observations, inputs and terminated.
  void gather(const TransitionBatch& agent, int first, int n, Shard& shard) const {
    const int obs_dim = problem_.obs_dim;
    const auto put = [&](const TransitionBatch& from, int row) {
      shard.observations.middleRows(row, n) = from.observations.middleRows(first, n);
      shard.observations.middleRows(2 * n + row, n) = from.next_observations.middleRows(first, n);
      shard.inputs.block(row, 0, n, obs_dim) = from.observations.middleRows(first, n);
      shard.inputs.block(row, obs_dim, n, problem_.act_dim) = from.actions.middleRows(first, n);
      std::copy_n(from.terminated.begin() + first, n, shard.terminated.begin() + row);
    };
    put(drawn_, 0);
    put(agent, n);
    shard.inputs.block(2 * n, 0, 4 * n, obs_dim) = shard.observations;
  }

  bool uses_present_values() const { return !iq_.least_squares; }
  int heads() const { return static_cast<int>(critics_.heads.size()); }
  static Eigen::Map<Vector> row(Matrix& matrix, int group) {
    return {matrix.row(group).data(), matrix.cols()};
  }
  /// The group's part of [pairs, 2n].
  static std::span<std::uint8_t> part(std::vector<std::uint8_t>& which, int group, const Shard& shard) {
    const std::size_t rows = shard.terminated.size();
    return std::span(which).subspan(at(group) * rows, rows);
  }

  /// The smaller of a group's values of 2n rows from `row` on.
  void smallest(std::vector<MlpWorkspace>& critics, int group, int row, VectorRef value,
                std::span<std::uint8_t> which) const {
    const int first = group * iq_.critics;
    smaller_value(q_values(critics[at(first)]).segment(row, value.size()),
                  q_values(critics[at(first + iq_.critics - 1)]).segment(row, value.size()), value, which);
  }

  void critic_gradient(const TransitionBatch& batch, int s) {
    const auto [first, n] = rows_of(s);
    Shard& shard = shards_[at(s)];
    gather(batch, first, n, shard);
    actor_.network.forward(actor_.parameters, shard.observations, shard.actor);
    sample_tanh_gaussian(shard.actor.outputs(), shard.noise,
                         shard.inputs.bottomRightCorner(4 * n, problem_.act_dim), shard.log_density);
    // The least-squares loss never asks for V(s).
    const int learnt = !iq_.slow_target ? 6 * n : uses_present_values() ? 4 * n : 2 * n;
    for (int k = 0; k < heads(); ++k) {
      const QNetwork& head = critics_.heads[at(k)];
      critics_.network.forward(head.parameters, shard.inputs.topRows(learnt), shard.critics[at(k)]);
      if (iq_.slow_target) {
        critics_.network.forward(head.target, shard.inputs.bottomRows(2 * n), shard.slow[at(k)]);
      }
    }
    shard.loss = 0;
    for (int group = 0; group < iq_.critic_pairs; ++group) group_gradient(shard, group, learnt, s);
    shard.expert_reward = static_cast<double>((shard.q - shard.next).head(n).sum());
    shard.agent_reward = static_cast<double>((shard.q - shard.next).tail(n).sum());
  }

  /// Of the critics of one group, which have values of their own.
  void group_gradient(Shard& shard, int group, int learnt, int s) {
    const int n = rows_of(s).count;
    soft_values(shard, group, n);
    shard.value_sum.setZero();
    shard.next_sum.setZero();
    const int first = group * iq_.critics;
    const double share = 1.0 / iq_.critics;
    for (int k = first; k < first + iq_.critics; ++k) {
      shard.q = q_values(shard.critics[at(k)]).head(2 * n);
      shard.loss += share / iq_.critic_pairs *
                    loss_(shard.q, shard.value, shard.next, shard.q_gradient, shard.value_gradient,
                          shard.next_gradient);
      q_gradient(shard.critics[at(k)]).head(2 * n) = static_cast<float>(share) * shard.q_gradient;
      shard.value_sum += static_cast<float>(share) * shard.value_gradient;
      shard.next_sum += static_cast<float>(share) * shard.next_gradient;
    }

    const auto gamma = static_cast<float>(config_.gamma);
    for (int i = 0; i < 2 * n; ++i) shard.next_sum(i) *= shard.terminated[at(i)] == 0 ? gamma : 0;
    for (int k = first; k < first + iq_.critics; ++k) {
      auto gradient = q_gradient(shard.critics[at(k)]);
      if (learnt > 2 * n) {
        smaller_value_backward(part(shard.smaller, group, shard), shard.value_sum, k - first,
                               gradient.segment(2 * n, 2 * n));
      }
      if (!iq_.slow_target) {
        smaller_value_backward(part(shard.smaller_next, group, shard), shard.next_sum, k - first,
                               gradient.segment(4 * n, 2 * n));
      }
      QNetwork& head = critics_.heads[at(k)];
      critics_.network.backward(head.parameters, shard.inputs.topRows(learnt), shard.critics[at(k)],
                                head.gradients[at(s)]);
    }
  }

  /// V(s) and gamma V(s') from the outputs of a group's critics.
  void soft_values(Shard& shard, int group, int n) const {
    const auto gamma = static_cast<float>(config_.gamma);
    const auto absorbing = static_cast<float>(absorbing_reward() / (1 - config_.gamma));
    if (uses_present_values() || !iq_.slow_target) {
      smallest(shard.critics, group, 2 * n, shard.value, part(shard.smaller, group, shard));
      soft_value(shard.log_density.head(2 * n), iq_.temperature, shard.value);
    } else {
      shard.value.setZero();
    }
    const auto next_smaller = part(shard.smaller_next, group, shard);
    if (iq_.slow_target) {
      smallest(shard.slow, group, 0, shard.next, next_smaller);
    } else {
      smallest(shard.critics, group, 4 * n, shard.next, next_smaller);
    }
    soft_value(shard.log_density.tail(2 * n), iq_.temperature, shard.next);
    for (int i = 0; i < 2 * n; ++i) {
      shard.next(i) = gamma * (shard.terminated[at(i)] != 0 ? absorbing : shard.next(i));
    }
  }

  /// SAC's, over the observations of both sides, which critic_gradient laid out.
  void actor_gradient(int s) {
    const int n = rows_of(s).count;
    Shard& shard = shards_[at(s)];
    const auto observations = shard.observations.topRows(2 * n);
    const auto noise = shard.noise.topRows(2 * n);
    auto inputs = shard.inputs.middleRows(2 * n, 2 * n);
    auto actions = inputs.rightCols(problem_.act_dim);
    auto log_density = shard.log_density.head(2 * n);
    actor_.network.forward(actor_.parameters, observations, shard.actor);
    sample_tanh_gaussian(shard.actor.outputs(), noise, actions, log_density);
    for (int k = 0; k < heads(); ++k) {
      critics_.network.forward(critics_.heads[at(k)].parameters, inputs, shard.critics[at(k)]);
    }
    for (int group = 0; group < iq_.critic_pairs; ++group) {
      smallest(shard.critics, group, 0, row(shard.group_values, group), part(shard.smaller, group, shard));
    }
    optimistic_value(shard.group_values, iq_.optimism, shard.value);
    shard.log_density_sum = static_cast<double>(log_density.sum());
    shard.actor_loss = iq_actor_loss({.value = shard.value,
                                      .log_density = log_density,
                                      .alpha = iq_.temperature,
                                      .batch = 2 * config_.batch},
                                     {.value = shard.value_gradient, .log_density = shard.density_gradient});
    optimistic_value_backward(shard.group_values, iq_.optimism, shard.value_gradient, shard.group_gradients);
    for (int k = 0; k < heads(); ++k) {
      const int group = k / iq_.critics;
      smaller_value_backward(part(shard.smaller, group, shard), row(shard.group_gradients, group),
                             k % iq_.critics, q_gradient(shard.critics[at(k)]));
      critics_.network.backward_inputs(critics_.heads[at(k)].parameters, shard.critics[at(k)],
                                       problem_.obs_dim,
                                       k == 0 ? shard.action_gradient : shard.other_gradient);
      if (k > 0) shard.action_gradient += shard.other_gradient;
    }
    tanh_gaussian_backward(shard.actor.outputs(), noise, actions, shard.action_gradient,
                           shard.density_gradient, shard.actor.output_gradient());
    actor_.network.backward(actor_.parameters, observations, shard.actor, shard.actor_gradient);
  }

  const MlpSpec& actor_spec() const override { return actor_.network.spec(); }
  const Vector& actor_parameters() const override { return actor_.parameters; }

  void serialise_networks(Archive& archive) override {
    actor_.serialise(archive);
    critics_.serialise(archive);
    rates_.serialise(archive);
    if (inverse_) {
      inverse_->serialise(archive);
      inverse_error_.serialise(archive);
    }
    for (RunningMean* mean : {&critic_loss_, &actor_loss_, &entropy_, &expert_reward_, &agent_reward_})
      mean->serialise(archive);
  }

  const IqLearnConfig iq_;
  const ExpertTransitions& expert_;
  GaussianActor actor_;
  std::optional<InverseDynamics> inverse_;  ///< where the expert's actions are not known
  QNetworks critics_;
  const IqLoss loss_;
  TerminationRates rates_;
  std::vector<Shard> shards_;
  TransitionBatch drawn_;  ///< of the expert
  RunningMean inverse_error_;
  RunningMean critic_loss_, actor_loss_, entropy_, expert_reward_, agent_reward_;
};

}  // namespace

SettingList settings(IqLearnConfig& c) {
  SettingList list = off_policy_settings(c.off_policy);
  std::erase_if(list, [](const Setting& setting) { return setting.name == "n-step"; });
  list.push_back({"hidden", &c.hidden, "Widths of the hidden layers of actor and critics"});
  list.push_back({"critic-learning-rate", &c.critic_learning_rate, "Adam's step size for critics", 1e-8, 1});
  list.push_back({"actor-learning-rate", &c.actor_learning_rate, "Adam's step size for the actor", 1e-8, 1});
  list.push_back({"temperature", &c.temperature, "Weight of the entropy", 1e-8, 1e4});
  list.push_back({"critics", &c.critics, "Number of critics", 1, 2});
  for (const Setting& setting : ensemble_settings(c.critic_pairs, c.optimism)) list.push_back(setting);
  list.push_back({"layer-norm", &c.layer_norm, "Critics normalise their hidden layers"});
  list.push_back({"slow-target", &c.slow_target, "Values after a step by slow copies of the critics"});
  list.push_back({"tau", &c.tau, "Share of the way that slow copies move per update", 1e-6, 1});
  list.push_back({"value-loss",
                  &c.value_loss,
                  "Where the agent's value is pushed down",
                  0,
                  0,
                  {"value", "value-expert", "v0"}});
  list.push_back({"regularise-agent", &c.regularise_agent,
                  "Keep the agent's rewards small too; without, the expert's only"});
  list.push_back({"least-squares", &c.least_squares,
                  "Draw Q to fixed values (LS-IQ), without --value-loss; false: the form of Garg et al. "
                  "2021, which pushes it apart"});
  list.push_back({"alpha", &c.alpha, "Inverse weight of that", 1e-6, 1e6});
  list.push_back({"absorbing", &c.absorbing, "What follows termination has a reward; without, 0"});
  return list;
}

std::unique_ptr<OffPolicyLearner> make_iq_learn(const RlProblem& problem, const IqLearnConfig& config,
                                                const ExpertTransitions& expert) {
  check_imitation_problem({.expert = &expert, .gamma = config.off_policy.gamma, .seed = problem.seed});
  return std::make_unique<IqLearn>(problem, checked(config), expert);
}

}  // namespace understudy
