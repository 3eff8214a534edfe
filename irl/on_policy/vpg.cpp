#include "irl/on_policy/vpg.h"

#include <limits>

#include "irl/on_policy/advantages.h"

namespace understudy {
namespace {

class Vpg final : public OnPolicyLearner {
 public:
  Vpg(const RlProblem& problem, const VpgConfig& config)
      : OnPolicyLearner(problem, config.on_policy), vpg_(config) {}

  void learn(ScoredRollout& rollout) override {
    standardise(rollout.advantages);
    const SurrogateLoss loss =
        surrogate({rollout.observations, rollout.samples, rollout.log_density, rollout.advantages},
                  std::numeric_limits<double>::infinity());
    policy_.backward(actor_, rollout.observations, actor_workspace_, actor_gradient_);
    want_finite(static_cast<double>(actor_gradient_.squaredNorm()), "policy gradient");
    old_means_ = actor_workspace_.outputs();
    old_deviation_ = policy_.log_deviation(actor_);
    adam_step({.learning_rate = vpg_.learning_rate * rate_share()}, actor_gradient_, actor_adam_, actor_);
    ++updates_;
    actor_loss_.add(loss.loss);
    policy_.forward(actor_, rollout.observations, actor_workspace_);
    kl_.add(
        gaussian_kl({.means = old_means_, .log_deviation = old_deviation_},
                    {.means = actor_workspace_.outputs(), .log_deviation = policy_.log_deviation(actor_)}));
    fit_critic(rollout, {.learning_rate = vpg_.value_learning_rate * rate_share(),
                         .passes = vpg_.value_iterations,
                         .batch = rollout.size()});
  }

 private:
  const VpgConfig vpg_;
  Matrix old_means_;
  Vector old_deviation_;
};

}  // namespace

SettingList settings(VpgConfig& c) {
  SettingList list = on_policy_settings(c.on_policy);
  list.push_back({"learning-rate", &c.learning_rate, "Adam's step size of the policy", 1e-8, 1});
  list.push_back(
      {"value-learning-rate", &c.value_learning_rate, "Adam's step size of the value network", 1e-8, 1});
  list.push_back({"value-iterations", &c.value_iterations, "Steps of the value network per rollout", 1, 1e5});
  return list;
}

std::unique_ptr<RlLearner> make_vpg(const RlProblem& problem, const VpgConfig& config) {
  VpgConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Vpg>(problem, checked);
}

}  // namespace understudy
