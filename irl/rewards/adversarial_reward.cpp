#include "irl/rewards/adversarial_reward.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/divergence_error.h"
#include "datasets/types/rng_streams.h"
#include "irl/experts/termination_rates.h"
#include "irl/rewards/labelled_batch.h"

namespace understudy {
namespace {

/// Of the running mean of logits, an update.
constexpr double kFollow = 0.01;

enum class Form { kSoftplus, kLogit, kFairl };

Form parse_form(const std::string& name) {
  if (name == "softplus") return Form::kSoftplus;
  if (name == "logit") return Form::kLogit;
  if (name == "fairl") return Form::kFairl;
  throw UsageError(unknown_name("reward", name, {"fairl", "logit", "softplus"}));
}

double reward_of(Form form, double logit) {
  if (form == Form::kSoftplus) return std::max(logit, 0.0) + std::log1p(std::exp(-std::abs(logit)));
  if (form == Form::kLogit) return logit;
  // Beyond l = 10 the product is far below the limit, and later overflows.
  return std::max(-logit * std::exp(std::min(logit, 10.0)), kLeastFairl);
}

AdversarialConfig checked(AdversarialConfig config) {
  check_settings(settings(config));
  return config;
}

class AdversarialReward final : public RewardLearner {
 public:
  AdversarialReward(const ImitationProblem& problem, const AdversarialConfig& config)
      : config_(checked(config)),
        form_(parse_form(config.form)),
        rng_(Rng::stream(problem.seed, RngStream::kDiscriminator)),
        batches_(problem, config.batch),
        rates_(*problem.expert),
        columns_(problem.obs_dim() + (config.next_observations ? problem.obs_dim() : 0) +
                 (config.actions ? problem.act_dim() : 0)),
        discriminator_({.hidden = config.hidden,
                        .activation = config.activation,
                        .learning_rate = config.learning_rate,
                        .penalty = config.penalty,
                        .entropy = config.entropy,
                        .spectral = config.spectral},
                       columns_, 2 * config.batch, rng_, problem.device),
        features_(2 * config.batch, columns_) {}

  bool relabels() const override { return true; }

  void learn(const TransitionBatch& agent, ActionDensity& /*density*/) override {
    if (agent.size() == 0 || calls_++ % static_cast<std::uint64_t>(config_.every) != 0) return;
    rates_.see(agent.terminated);
    for (int i = 0; i < config_.updates; ++i) update(batches_.draw(agent, rng_));
  }

  void relabel(TransitionBatch& batch, ActionDensity& /*density*/) override {
    const int rows = batch.size();
    if (relabelled_.rows() < rows) relabelled_.resize(rows, columns_);
    pack(batch.observations, batch.actions, batch.next_observations, relabelled_.topRows(rows));
    const auto logits = discriminator_.logits(relabelled_.topRows(rows));
    for (int i = 0; i < rows; ++i) batch.rewards(i) = static_cast<float>(reward(logits(i)));
  }

  double absorbing_reward() override {
    if (!config_.absorbing) return 0;
    // FAIRL's reward does not rise with the logit.
    return reward_of(form_,
                     form_ == Form::kFairl ? rates_.absorbing_logit() : rates_.absorbing_logit(agent_logit_));
  }

  void report(Metrics& metrics) override {
    metrics.set("discriminator_loss", loss_.take());
    metrics.set("discriminator_expert_accuracy", expert_accuracy_.take());
    metrics.set("discriminator_agent_accuracy", agent_accuracy_.take());
    if (config_.penalty > 0) metrics.set("gradient_penalty", penalty_.take());
    metrics.set("reward_expert", expert_reward_.take());
    metrics.set("reward_agent", agent_reward_.take());
    if (config_.absorbing) metrics.set("reward_absorbing", absorbing_reward());
  }

  void serialise(Archive& archive) override {
    archive("reward rng", rng_);
    archive("reward calls", calls_);
    archive("reward updates", updates_);
    discriminator_.serialise(archive);
    rates_.serialise(archive);
    for (RunningMean* mean :
         {&loss_, &expert_accuracy_, &agent_accuracy_, &penalty_, &expert_reward_, &agent_reward_})
      mean->serialise(archive);
    archive("reward agent logit", agent_logit_);
    archive.want_finite(agent_logit_);
  }

 private:
  double reward(float logit) const { return reward_of(form_, static_cast<double>(logit)); }

  /// Observations, next observations, actions side by side as chosen.
  void pack(ConstMatrixRef observations, ConstMatrixRef actions, ConstMatrixRef next_observations,
            MatrixRef out) const {
    Eigen::Index column = 0;
    const auto put = [&](ConstMatrixRef values) {
      out.middleCols(column, values.cols()) = values;
      column += values.cols();
    };
    put(observations);
    if (config_.next_observations) put(next_observations);
    if (config_.actions) put(actions);
  }

  void update(const LabelledBatch& batch) {
    auto features = features_.topRows(batch.rows);
    pack(batch.observations.topRows(batch.rows), batch.actions.topRows(batch.rows),
         batch.next_observations.topRows(batch.rows), features);
    const auto logits = discriminator_.logits(features);
    for (int i = 0; i < batch.rows; ++i) {
      (i < batch.experts ? expert_reward_ : agent_reward_).add(reward(logits(i)));
    }
    if (batch.rows > batch.experts) {
      const double mean =
          static_cast<double>(logits.segment(batch.experts, batch.rows - batch.experts).mean());
      agent_logit_ += kFollow * (mean - agent_logit_);
    }
    const Discrimination result =
        discriminator_.update(features, batch.weights.head(batch.rows), batch.experts, rng_);
    ++updates_;
    if (!std::isfinite(result.loss + discriminator_.penalty()))
      throw DivergenceError(updates_, "discriminator loss");
    loss_.add(result.loss);
    expert_accuracy_.add(result.expert_accuracy);
    agent_accuracy_.add(result.agent_accuracy);
    penalty_.add(discriminator_.penalty());
  }

  const AdversarialConfig config_;
  const Form form_;
  Rng rng_;
  LabelledBatches batches_;
  TerminationRates rates_;
  const int columns_;  ///< of the discriminator's features
  Discriminator discriminator_;
  Matrix features_, relabelled_;
  double agent_logit_ = 0;  ///< running mean over the agent's rows
  std::uint64_t calls_ = 0;
  std::uint64_t updates_ = 0;
  RunningMean loss_, expert_accuracy_, agent_accuracy_, penalty_, expert_reward_, agent_reward_;
};

}  // namespace

AdversarialConfig gail_config() {
  return {.form = "softplus", .hidden = {100, 100}, .updates = 8, .entropy = 1e-3};
}

AdversarialConfig dac_config() {
  return {};
}

AdversarialConfig fairl_config() {
  return {.form = "fairl"};
}

SettingList settings(AdversarialConfig& c) {
  return {
      {"reward-form", &c.form, "Reward of the discriminator's logit", 0, 0, {"softplus", "logit", "fairl"}},
      {"reward-hidden", &c.hidden, "Widths of the discriminator's hidden layers"},
      {"reward-activation", &c.activation, "Activation of its hidden layers", 0, 0, {"tanh", "relu"}},
      {"reward-learning-rate", &c.learning_rate, "Its step size", 1e-8, 1},
      {"reward-batch", &c.batch, "Transitions of expert and of agent per update of it", 1, 1e6},
      {"reward-updates", &c.updates, "Its updates each time that it learns", 1, 1000},
      {"reward-every", &c.every, "It learns on every so many-th batch of the RL learner", 1, 1e6},
      {"reward-penalty", &c.penalty, "Weight of its gradient penalty", 0, 1e4},
      {"reward-entropy", &c.entropy, "Weight of its entropy", 0, 10},
      {"reward-spectral", &c.spectral, "Its weights are divided by their largest singular value"},
      {"reward-actions", &c.actions, "It sees actions"},
      {"reward-next-observations", &c.next_observations, "It sees the observations after"},
      {"reward-absorbing", &c.absorbing,
       "What follows termination has a reward too; without, rewards say whether ending is good"}};
}

double adversarial_reward(const std::string& form, double logit) {
  return reward_of(parse_form(form), logit);
}

std::unique_ptr<RewardLearner> make_adversarial_reward(const ImitationProblem& problem,
                                                       const AdversarialConfig& config) {
  return std::make_unique<AdversarialReward>(problem, config);
}

}  // namespace understudy
