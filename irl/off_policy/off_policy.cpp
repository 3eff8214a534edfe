#include "irl/off_policy/off_policy.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/divergence_error.h"
#include "bc/networks/network_loops.h"
#include "bc/policies/warm_start.h"
#include "datasets/types/rng_streams.h"

namespace understudy {

SettingList off_policy_settings(OffPolicyConfig& c) {
  return {{"gamma", &c.gamma, "Discount per step", 0, 0.999999},
          {"batch", &c.batch, "Transitions per update", 1, 1e6},
          {"replay", &c.replay, "Steps that the replay keeps", 1000, 1e8},
          {"start", &c.start, "Steps before learning begins; their actions are random unless --warm-start", 1,
           1e8},
          {"updates-per-step", &c.updates_per_step, "Gradient steps per environment step", 1e-4, 100},
          {"n-step", &c.n_step, "Rewards summed before a return bootstraps", 1, 100},
          {"critic-warmup", &c.critic_warmup, "Updates of the critic before the actor's first", 0, 1e8},
          {"decay", &c.decay, "Learning rates fall linearly to 0 over --steps"},
          {"average", &c.average, "Updates that the actor is averaged over for its policy; 0: none", 0, 1e5}};
}

SettingList ensemble_settings(int& critic_pairs, Optimism& optimism) {
  return {{"critic-pairs", &critic_pairs, "Pairs of critics, of which the actor sees the mean (SOAR)", 1, 16},
          {"optimism", &optimism.weight, "What it adds where pairs disagree, in their deviations", 0, 100},
          {"optimism-clip", &optimism.clip, "Most that a deviation counts", 0, 1e6}};
}

OffPolicyLearner::OffPolicyLearner(const RlProblem& problem, const OffPolicyConfig& config)
    : problem_(problem),
      config_(config),
      rng_(Rng::stream(problem.seed, RngStream::kOffPolicy)),
      pool_(problem.threads),
      replay_({.obs_dim = problem.obs_dim,
               .act_dim = problem.act_dim,
               .streams = problem.environments,
               .capacity = config.replay}) {
  if (problem.threads < 1) throw Error("threads: want at least 1, found " + std::to_string(problem.threads));
  if (config.batch < problem.threads) {
    throw UsageError("--batch: want at least one transition for each of " + std::to_string(problem.threads) +
                     " threads, found " + std::to_string(config.batch));
  }
}

OffPolicyLearner::Rows OffPolicyLearner::rows_of(int shard) const {
  const int first = config_.batch * shard / shards();
  return {first, config_.batch * (shard + 1) / shards() - first};
}

void OffPolicyLearner::want_finite(double value, const char* metric) const {
  if (!std::isfinite(value)) throw DivergenceError(updates_ + 1, metric);
}

double OffPolicyLearner::rate_share() const {
  if (!config_.decay || problem_.steps == 0) return 1;
  return std::max(1 - static_cast<double>(steps_) / problem_.steps, 0.0);
}

void OffPolicyLearner::gradient_step(const TransitionBatch& batch, double absorbing_value) {
  learn_from(batch, absorbing_value);
  ++updates_;
  if (config_.average == 0) return;
  const Vector& present = actor_parameters();
  if (average_.size() == 0) average_ = present;
  // A plain mean as long as there are fewer updates than that.
  const double share =
      1.0 / static_cast<double>(std::min(updates_, static_cast<std::uint64_t>(config_.average)));
  kernels::polyak(static_cast<float>(share), present.data(), average_.data(),
                  static_cast<std::size_t>(average_.size()));
}

Policy OffPolicyLearner::policy() const {
  return mean_policy(actor_spec(), average_.size() == 0 ? actor_parameters() : average_, problem_.act_dim);
}

void OffPolicyLearner::act(ConstMatrixRef observations, MatrixRef actions) {
  if (steps_ < static_cast<std::uint64_t>(config_.start) && problem_.warm_start == nullptr) {
    for (float& entry : actions.reshaped()) entry = static_cast<float>(rng_.uniform(-1, 1));
  } else {
    explore(observations, actions);
  }
}

void OffPolicyLearner::observe(const Steps& steps) {
  replay_.add(steps);
  steps_ += static_cast<std::uint64_t>(steps.size());
}

void OffPolicyLearner::update(RewardLearner& reward) {
  if (!prefilled_) {
    prefilled_ = true;
    if (const Steps* steps = reward.prefill()) {
      const Replay::Shape shape = replay_.shape();
      if (steps->size() > shape.capacity / shape.streams) {
        throw UsageError("--reward-prefill: want at most --replay / --environments (" +
                         std::to_string(shape.capacity / shape.streams) + "), found " +
                         std::to_string(steps->size()));
      }
      replay_ = Replay(shape);  // without the very first steps, which the prefill must not follow
      replay_.add(*steps);
    }
  }
  if (steps_ < static_cast<std::uint64_t>(config_.start)) return;
  const auto learning_steps = static_cast<double>(steps_ - static_cast<std::uint64_t>(config_.start));
  const auto due = static_cast<std::uint64_t>(learning_steps * config_.updates_per_step);
  while (updates_ < due) {
    if (reward.relabels()) {
      replay_.sample(config_.batch, 1, config_.gamma, rng_, agent_);
      reward.learn(agent_, *this);
    }
    replay_.sample(config_.batch, config_.n_step, config_.gamma, rng_, batch_);
    if (reward.relabels()) reward.relabel(batch_, *this);
    gradient_step(batch_, reward.absorbing_reward() / (1 - config_.gamma));
  }
}

void OffPolicyLearner::serialise(Archive& archive) {
  archive("learner rng", rng_);
  archive("updates", updates_);
  archive.want_count(updates_);
  archive("steps", steps_);
  want_steps(archive, problem_, steps_);
  archive("prefilled", prefilled_);
  serialise_networks(archive);
  if (config_.average > 0) {
    if (archive.loading() && updates_ > 0) average_.resize(actor_parameters().size());
    archive("average", average_);
    archive.want_finite(average_);
  }
  replay_.serialise(archive);
}

void check_n_step(const OffPolicyConfig& config, const RewardLearner& reward) {
  if (config.n_step > 1 && reward.relabels()) {
    throw UsageError("--n-step: want 1 with a reward that is learnt on the way, found " +
                     std::to_string(config.n_step));
  }
}

}  // namespace understudy
