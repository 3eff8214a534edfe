#include "irl/on_policy/ppo.h"

#include <cmath>

#include "bc/networks/network_loops.h"
#include "irl/on_policy/advantages.h"

namespace understudy {
namespace {

double squared_norm(const Vector& vector) {
  return kernels::sum_of_squares(vector.data(), static_cast<std::size_t>(vector.size()));
}

class Ppo final : public OnPolicyLearner {
 public:
  Ppo(const RlProblem& problem, const PpoConfig& config)
      : OnPolicyLearner(problem, config.on_policy), ppo_(config) {}

  void learn(ScoredRollout& rollout) override {
    minibatches_.begin(rollout.size(), ppo_.batch);
    const int most = minibatches_.largest();
    observations_.resize(most, problem_.obs_dim);
    samples_.resize(most, problem_.act_dim);
    for (Vector* vector : {&log_density_, &advantages_, &returns_}) vector->resize(most);
    for (int epoch = 0; epoch < ppo_.epochs; ++epoch) {
      minibatches_.shuffle(rng_);
      for (int k = 0; k < minibatches_.count(); ++k) minibatch_step(rollout, minibatches_.rows(k));
    }
  }

  void report(Metrics& metrics) override {
    OnPolicyLearner::report(metrics);
    metrics.set("clipped", clipped_.take());
  }
  void serialise(Archive& archive) override {
    OnPolicyLearner::serialise(archive);
    clipped_.serialise(archive);
  }

 private:
  void minibatch_step(const ScoredRollout& rollout, std::span<const int> rows) {
    const auto size = static_cast<Eigen::Index>(rows.size());
    gather_rows(rollout.observations, rows, observations_.topRows(size));
    gather_rows(rollout.samples, rows, samples_.topRows(size));
    gather_entries(rollout.log_density, rows, log_density_.head(size));
    gather_entries(rollout.advantages, rows, advantages_.head(size));
    gather_entries(rollout.returns, rows, returns_.head(size));
    standardise(advantages_.head(size));

    SurrogateLoss actor;
    double critic = 0;
    if (problem_.shards->split()) {
      critic = sum_over_shards(static_cast<int>(size), actor);
    } else {
      actor = actor_gradient(0, size);
      critic = critic_loss(observations_.topRows(size), returns_.head(size), ppo_.value_weight);
    }
    actor_gradient_.tail(policy_.act_dim()).array() -= static_cast<float>(ppo_.entropy_weight);
    const bool warming = steps_ < static_cast<std::uint64_t>(ppo_.critic_warmup);
    if (warming) actor_gradient_.setZero();
    const double norm = std::sqrt(squared_norm(actor_gradient_) + squared_norm(critic_gradient_));
    want_finite(norm, "gradient norm");
    if (norm > ppo_.gradient_norm) {
      const auto share = static_cast<float>(ppo_.gradient_norm / (norm + 1e-6));
      actor_gradient_ *= share;
      critic_gradient_ *= share;
    }
    const AdamConfig adam{.learning_rate = ppo_.learning_rate * rate_share(), .epsilon = 1e-5};
    if (!warming) adam_step(adam, actor_gradient_, actor_adam_, actor_);
    adam_step(adam, critic_gradient_, critic_adam_, critic_);
    ++updates_;
    actor_loss_.add(actor.loss);
    critic_loss_.add(critic);
    kl_.add(actor.kl);
    clipped_.add(actor.clipped);
  }

  /// Of rows of the minibatch, without the entropy's.
  SurrogateLoss actor_gradient(Eigen::Index first, Eigen::Index size) {
    const auto observations = observations_.middleRows(first, size);
    const SurrogateLoss loss =
        surrogate({observations, samples_.middleRows(first, size), log_density_.segment(first, size),
                   advantages_.segment(first, size)},
                  ppo_.clip);
    policy_.backward(actor_, observations, actor_workspace_, actor_gradient_);
    return loss;
  }

  /// The same of the whole minibatch, shard by shard; returns the critic's loss.
  double sum_over_shards(int size, SurrogateLoss& actor) {
    const Eigen::Index split = actor_.size();
    both_.resize(split + critic_.size());
    Figures figures{};
    problem_.shards->sum(
        [&](int shard, Vector& numbers, Figures& own) {
          const ShardRange rows = problem_.shards->rows(size, shard);
          if (rows.count() == 0) return numbers.setZero(), void();
          const double share = static_cast<double>(rows.count()) / size;
          const SurrogateLoss loss = actor_gradient(rows.first, rows.count());
          const double critic = critic_loss(observations_.middleRows(rows.first, rows.count()),
                                            returns_.segment(rows.first, rows.count()), ppo_.value_weight);
          own = {share * loss.loss, share * loss.kl, share * loss.clipped, share * critic};
          numbers << actor_gradient_, critic_gradient_;
          numbers *= static_cast<float>(share);
        },
        both_, figures);
    actor_gradient_ = both_.head(split);
    critic_gradient_ = both_.tail(critic_.size());
    actor = {.loss = figures[0], .kl = figures[1], .clipped = figures[2]};
    return figures[3];
  }

  const PpoConfig ppo_;
  Matrix observations_, samples_;
  Vector log_density_, advantages_, returns_;
  Vector both_;  ///< gradients of actor and critic
  RunningMean clipped_;
};

}  // namespace

SettingList settings(PpoConfig& c) {
  SettingList list = on_policy_settings(c.on_policy);
  list.push_back({"learning-rate", &c.learning_rate, "Adam's step size", 1e-8, 1});
  list.push_back({"batch", &c.batch, "Steps per minibatch", 2, 1e6});
  list.push_back({"epochs", &c.epochs, "Passes over a rollout", 1, 1000});
  list.push_back({"clip", &c.clip, "How far ratios of densities may be moved from 1", 1e-3, 10});
  list.push_back({"entropy-weight", &c.entropy_weight, "Weight of the policy's entropy", 0, 10});
  list.push_back({"value-weight", &c.value_weight, "Weight of the critic's squared error", 1e-6, 1e3});
  list.push_back({"critic-warmup", &c.critic_warmup,
                  "Steps at the start in which the critic alone learns, so that a clone is not lost to it", 0,
                  2e9});
  list.push_back({"gradient-norm", &c.gradient_norm, "Most norm of the gradient of a minibatch", 1e-6, 1e6});
  return list;
}

std::unique_ptr<RlLearner> make_ppo(const RlProblem& problem, const PpoConfig& config) {
  PpoConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Ppo>(problem, checked);
}

}  // namespace understudy
