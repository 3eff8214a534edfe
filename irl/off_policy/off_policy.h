#pragma once
/// \file What SAC, TD3, DDPG and D4PG share: a replay, random actions at first, and a fixed number of updates
/// per step.

#include <cstdint>

#include "bc/networks/mlp.h"
#include "bc/runs/setting.h"
#include "datasets/types/rng.h"
#include "datasets/types/thread_pool.h"
#include "irl/contract/rl_learner.h"
#include "irl/off_policy/q_loss.h"
#include "irl/off_policy/replay.h"

namespace understudy {

struct OffPolicyConfig {
  double gamma = 0.99;     ///< discount, in [0, 1)
  int batch = 256;         ///< transitions per update (Haarnoja et al. 2018)
  int replay = 1'000'000;  ///< steps kept
  int start = 10'000;      ///< steps with random actions before any update; with a warm start its own actions
  double updates_per_step = 1;  ///< gradient steps per environment step
  int n_step = 1;         ///< steps of a return before it bootstraps; more than 1 only with rewards that stay
  int critic_warmup = 0;  ///< updates before the actor begins to learn
  bool decay = false;     ///< learning rates fall linearly to 0 over the training
  /// Policies are taken from the actor's mean over about so many latest updates (Polyak and Juditsky 1992),
  /// which swings less than its present parameters; 0: from these.
  int average = 0;
};

SettingList off_policy_settings(OffPolicyConfig& config);
/// Of an ensemble of critics, for learners that have one.
SettingList ensemble_settings(int& critic_pairs, Optimism& optimism);

/// Collects and draws; what is learnt from a batch is the derived class's.
class OffPolicyLearner : public RlLearner, protected ActionDensity {
 public:
  OffPolicyLearner(const RlProblem& problem, const OffPolicyConfig& config);

  void act(ConstMatrixRef observations, MatrixRef actions) final;
  void observe(const Steps& steps) final;
  void update(RewardLearner& reward) final;
  std::uint64_t updates() const final { return updates_; }
  Policy policy() const final;
  void serialise(Archive& archive) final;

  /// One gradient step on a batch; for benchmarks and tests, which have no environment. Throws
  /// DivergenceError.
  void gradient_step(const TransitionBatch& batch, double absorbing_value);

 protected:
  virtual void learn_from(const TransitionBatch& batch, double absorbing_value) = 0;
  virtual void explore(ConstMatrixRef observations, MatrixRef actions) = 0;
  virtual void serialise_networks(Archive& archive) = 0;
  virtual const MlpSpec& actor_spec() const = 0;
  virtual const Vector& actor_parameters() const = 0;

  /// Rows of the batch that shard `s` of `shards()` computes.
  struct Rows {
    int first;
    int count;
  };
  int shards() const { return pool_.threads(); }
  Rows rows_of(int shard) const;
  /// What learning rates are multiplied by at present.
  double rate_share() const;
  bool actor_learns() const { return updates_ >= static_cast<std::uint64_t>(config_.critic_warmup); }
  /// Throws DivergenceError unless `value` is finite.
  void want_finite(double value, const char* metric) const;

  const RlProblem problem_;
  const OffPolicyConfig config_;
  Rng rng_;
  ThreadPool pool_;
  std::uint64_t updates_ = 0;

 private:
  Replay replay_;
  std::uint64_t steps_ = 0;  ///< observed
  bool prefilled_ = false;
  Vector average_;  ///< of the actor's parameters; empty without one
  TransitionBatch batch_;
  TransitionBatch agent_;  ///< for the reward learner
};

/// Throws UsageError when returns of several steps meet rewards that change.
void check_n_step(const OffPolicyConfig& config, const RewardLearner& reward);

}  // namespace understudy
