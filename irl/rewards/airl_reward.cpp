#include "irl/rewards/airl_reward.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "bc/networks/adam.h"
#include "bc/networks/divergence_error.h"
#include "bc/networks/gradient_penalty.h"
#include "bc/networks/mlp.h"
#include "datasets/types/rng_streams.h"
#include "irl/experts/termination_rates.h"
#include "irl/rewards/discriminator.h"
#include "irl/rewards/labelled_batch.h"
#include "irl/rewards/spectral_norm.h"

namespace understudy {
namespace {

/// Of the running mean of the agent's rewards, an update.
constexpr double kFollow = 0.01;

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

/// A network of one output with its optimiser.
struct Head {
  Mlp network;
  Vector parameters;
  AdamState adam;
  MlpWorkspace workspace;
  Vector gradient;
  std::optional<SpectralNorm> spectral;
  Vector normalised;  ///< what the network computes with; empty without

  Head(int inputs, const AirlConfig& config, const std::shared_ptr<MlpDevice>& device, Rng& rng)
      : network({.inputs = inputs,
                 .hidden = config.hidden,
                 .outputs = 1,
                 .activation = parse_activation(config.activation)}),
        parameters(network.initial_parameters(rng, 1)),
        adam(network.parameter_count()),
        workspace(device),
        gradient(network.parameter_count()) {
    if (!config.spectral) return;
    spectral.emplace(network, parameters, rng);
    normalise();
  }

  const Vector& effective() const { return spectral ? normalised : parameters; }

  /// A step of Adam from the gradient at effective().
  void step(double learning_rate) {
    if (spectral) spectral->backward(normalised, gradient);
    adam_step({.learning_rate = learning_rate}, gradient, adam, parameters);
    if (!spectral) return;
    spectral->follow(parameters);
    normalise();
  }

  void serialise(Archive& archive) {
    archive("reward network", parameters);
    archive.want_finite(parameters);
    serialise_adam(archive, adam);
    if (!spectral) return;
    spectral->serialise(archive);
    normalise();
  }

 private:
  void normalise() {
    normalised.resize(parameters.size());
    spectral->normalise(parameters, normalised);
  }
};

AirlConfig checked(AirlConfig config) {
  check_settings(settings(config));
  return config;
}

class Airl final : public AirlReward {
 public:
  Airl(const ImitationProblem& problem, const AirlConfig& config)
      : config_(checked(config)),
        gamma_(static_cast<float>(problem.gamma)),
        rng_(Rng::stream(problem.seed, RngStream::kAirl)),
        batches_(problem, config.batch),
        rates_(*problem.expert),
        columns_(problem.obs_dim() + (config.actions ? problem.act_dim() : 0)),
        reward_(columns_, config, problem.device, rng_),
        potential_(problem.obs_dim(), config, problem.device, rng_),
        penalty_(reward_.network) {
    reserve(2 * config.batch, problem.obs_dim());
  }

  bool relabels() const override { return true; }
  bool needs_density() const override { return true; }

  void learn(const TransitionBatch& agent, ActionDensity& density) override {
    if (agent.size() == 0 || calls_++ % static_cast<std::uint64_t>(config_.every) != 0) return;
    rates_.see(agent.terminated);
    for (int i = 0; i < config_.updates; ++i) update(batches_.draw(agent, rng_), density);
  }

  void relabel(TransitionBatch& batch, ActionDensity& density) override {
    const int rows = batch.size();
    reserve(rows, static_cast<int>(batch.observations.cols()));
    pack(batch.observations, batch.actions);
    evaluate(batch.observations, batch.next_observations, batch.terminated);
    if (config_.subtract_density) {
      density.log_density(batch.observations, batch.actions, log_density_.head(rows));
      batch.rewards = f_.head(rows) - log_density_.head(rows);
    } else {
      batch.rewards = f_.head(rows);
    }
  }

  double absorbing_reward() override {
    return config_.absorbing ? rates_.absorbing_logit(agent_reward_mean_) : 0;
  }

  void recovered(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) override {
    reserve(static_cast<int>(observations.rows()), static_cast<int>(observations.cols()));
    pack(observations, actions);
    reward_.network.forward(reward_.effective(), features_.topRows(observations.rows()), reward_.workspace);
    result = reward_.workspace.outputs().col(0);
  }

  void report(Metrics& metrics) override {
    metrics.set("discriminator_loss", loss_.take());
    metrics.set("discriminator_expert_accuracy", expert_accuracy_.take());
    metrics.set("discriminator_agent_accuracy", agent_accuracy_.take());
    if (config_.penalty > 0) metrics.set("gradient_penalty", penalty_mean_.take());
    metrics.set("reward_expert", expert_reward_.take());
    metrics.set("reward_agent", agent_reward_.take());
    if (config_.absorbing) metrics.set("reward_absorbing", absorbing_reward());
  }

  void serialise(Archive& archive) override {
    archive("reward rng", rng_);
    archive("reward calls", calls_);
    archive("reward updates", updates_);
    reward_.serialise(archive);
    potential_.serialise(archive);
    for (RunningMean* mean :
         {&loss_, &expert_accuracy_, &agent_accuracy_, &penalty_mean_, &expert_reward_, &agent_reward_})
      mean->serialise(archive);
    rates_.serialise(archive);
    archive("reward agent mean", agent_reward_mean_);
    archive.want_finite(agent_reward_mean_);
  }

 private:
  void reserve(int rows, int obs_dim) {
    if (features_.rows() >= rows) return;
    features_.resize(rows, columns_);
    both_observations_.resize(2 * rows, obs_dim);
    mixed_.resize(rows, columns_);
    for (Vector* vector : {&f_, &log_density_, &logits_, &logit_gradient_}) vector->resize(rows);
  }

  /// g's features of transitions.
  void pack(ConstMatrixRef observations, ConstMatrixRef actions) {
    auto features = features_.topRows(observations.rows());
    features.leftCols(observations.cols()) = observations;
    if (config_.actions) features.middleCols(observations.cols(), actions.cols()) = actions;
  }

  /// f of the rows in features_; h of their observations and then of the next ones
  /// stays in potential_.workspace.
  void evaluate(ConstMatrixRef observations, ConstMatrixRef next_observations,
                const std::vector<std::uint8_t>& terminated) {
    const Eigen::Index rows = observations.rows();
    both_observations_.topRows(rows) = observations;
    both_observations_.middleRows(rows, rows) = next_observations;
    reward_.network.forward(reward_.effective(), features_.topRows(rows), reward_.workspace);
    potential_.network.forward(potential_.effective(), both_observations_.topRows(2 * rows),
                               potential_.workspace);
    const auto g = reward_.workspace.outputs();
    const auto h = potential_.workspace.outputs();
    for (Eigen::Index i = 0; i < rows; ++i) {
      const float next = terminated[static_cast<std::size_t>(i)] != 0 ? 0 : gamma_ * h(rows + i, 0);
      f_(i) = g(i, 0) + next - h(i, 0);
    }
  }

  void update(const LabelledBatch& batch, ActionDensity& density) {
    const int rows = batch.rows;
    const auto observations = batch.observations.topRows(rows);
    pack(observations, batch.actions.topRows(rows));
    evaluate(observations, batch.next_observations.topRows(rows), batch.terminated);
    density.log_density(observations, batch.actions.topRows(rows), log_density_.head(rows));
    for (int i = 0; i < rows; ++i) {
      (i < batch.experts ? expert_reward_ : agent_reward_)
          .add(static_cast<double>(f_(i) - (config_.subtract_density ? log_density_(i) : 0)));
    }
    if (rows > batch.experts) {
      const Eigen::Index agents = rows - batch.experts;
      auto mean = static_cast<double>(f_.segment(batch.experts, agents).mean());
      if (config_.subtract_density)
        mean -= static_cast<double>(log_density_.segment(batch.experts, agents).mean());
      agent_reward_mean_ += kFollow * (mean - agent_reward_mean_);
    }
    logits_.head(rows) = f_.head(rows) - log_density_.head(rows);
    const Discrimination result = discriminate(logits_.head(rows), batch.weights.head(rows), batch.experts,
                                               config_.entropy, logit_gradient_.head(rows));
    backward(batch);
    double penalty = 0;
    if (config_.penalty > 0) {
      const int mixed = mix_rows(features_.topRows(rows), batch.experts, rng_, mixed_);
      penalty = penalty_.add(reward_.effective(), mixed_.topRows(mixed), config_.penalty, reward_.gradient);
      penalty_mean_.add(penalty);
    }
    ++updates_;
    if (!std::isfinite(result.loss + penalty)) throw DivergenceError(updates_, "discriminator loss");
    for (Head* head : {&reward_, &potential_}) {
      head->step(config_.learning_rate);
    }
    loss_.add(result.loss);
    expert_accuracy_.add(result.expert_accuracy);
    agent_accuracy_.add(result.agent_accuracy);
  }

  /// Gradients of both networks from logit_gradient_: df/dg = 1, df/dh(s) = -1,
  /// df/dh(s') = gamma unless absorbing.
  void backward(const LabelledBatch& batch) {
    const int rows = batch.rows;
    auto g = reward_.workspace.output_gradient();
    auto h = potential_.workspace.output_gradient();
    for (int i = 0; i < rows; ++i) {
      const float gradient = logit_gradient_(i);
      g(i, 0) = gradient;
      h(i, 0) = -gradient;
      h(rows + i, 0) = batch.terminated[at(i)] == 0 ? gamma_ * gradient : 0;
    }
    reward_.network.backward(reward_.effective(), features_.topRows(rows), reward_.workspace,
                             reward_.gradient);
    potential_.network.backward(potential_.effective(), both_observations_.topRows(2 * rows),
                                potential_.workspace, potential_.gradient);
  }

  const AirlConfig config_;
  const float gamma_;
  Rng rng_;
  LabelledBatches batches_;
  TerminationRates rates_;
  const int columns_;  ///< of g's features
  Head reward_;        ///< g
  Head potential_;     ///< h
  GradientPenalty penalty_;
  Matrix features_, both_observations_, mixed_;
  Vector f_, log_density_, logits_, logit_gradient_;
  double agent_reward_mean_ = 0;  ///< running, over the agent's rows
  std::uint64_t calls_ = 0;
  std::uint64_t updates_ = 0;
  RunningMean loss_, expert_accuracy_, agent_accuracy_, penalty_mean_, expert_reward_, agent_reward_;
};

}  // namespace

SettingList settings(AirlConfig& c) {
  return {{"reward-hidden", &c.hidden, "Widths of the hidden layers of reward and potential"},
          {"reward-activation", &c.activation, "Activation of their hidden layers", 0, 0, {"tanh", "relu"}},
          {"reward-learning-rate", &c.learning_rate, "Their step size", 1e-8, 1},
          {"reward-batch", &c.batch, "Transitions of expert and of agent per update of them", 1, 1e6},
          {"reward-updates", &c.updates, "Their updates each time that they learn", 1, 1000},
          {"reward-every", &c.every, "They learn on every so many-th batch of the RL learner", 1, 1e6},
          {"reward-penalty", &c.penalty, "Weight of the reward's gradient penalty", 0, 1e4},
          {"reward-entropy", &c.entropy, "Weight of the discriminator's entropy", 0, 10},
          {"reward-spectral", &c.spectral, "Their weights are divided by their largest singular value"},
          {"reward-actions", &c.actions, "The reward depends on actions; without, on observations only"},
          {"reward-subtract-density", &c.subtract_density,
           "Reward f - log pi; without, f, for learners that add an entropy themselves"},
          {"reward-absorbing", &c.absorbing,
           "What follows termination has a reward too; without, rewards say whether ending is good"}};
}

std::unique_ptr<AirlReward> make_airl_reward(const ImitationProblem& problem, const AirlConfig& config) {
  return std::make_unique<Airl>(problem, config);
}

}  // namespace understudy
