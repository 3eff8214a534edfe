#pragma once
/// \file What PPO, TRPO and VPG share: a Gaussian policy and a value network, rollouts, and what is made of a
/// rollout before it is learnt from.
///
/// Departures from common practice: a rollout is complete with `rollout` steps over all environments, however
/// they are spread; the statistics that normalise observations stand still from a rollout's first action to
/// the end of its learning, so that ratios of densities begin at 1 (where rewards score whole episodes these
/// may be older than that); values are computed once the rollout is complete.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/networks/adam.h"
#include "bc/runs/setting.h"
#include "datasets/types/rng.h"
#include "irl/contract/rl_learner.h"
#include "irl/on_policy/gaussian_policy.h"
#include "irl/on_policy/minibatches.h"
#include "irl/on_policy/rollout_buffer.h"
#include "irl/on_policy/running_statistics.h"
#include "irl/on_policy/surrogate.h"

namespace understudy {

struct OnPolicyConfig {
  double gamma = 0.99;              ///< discount, in [0, 1)
  double lambda = 0.95;             ///< of generalised advantage estimation
  int rollout = 2048;               ///< steps over all environments before each learning
  std::vector<int> hidden{64, 64};  ///< of actor and critic; a warm start's actor keeps its own
  std::string activation = "tanh";  ///< of the same
  double deviation = 1;             ///< sigma of the actions at the start
  /// Observations to mean 0 and deviation 1 of all seen so far. Never with a warm start, whose network
  /// is used to observations as they come.
  bool normalise = true;
  bool scale_rewards = true;  ///< by the deviation of the discounted return, see RewardScale
  bool decay = false;         ///< learning rates fall linearly to 0 over the training
  /// Steps over which they fall first; then they begin again, over as many steps as there were so far, so that
  /// training can end after every cycle with a policy that has settled. 0: over all the training.
  int first_cycle = 0;
};

SettingList on_policy_settings(OnPolicyConfig& config);

/// A rollout as the networks see it, scored.
struct ScoredRollout {
  Matrix observations;  ///< [N, obs_dim] normalised
  Matrix samples;       ///< [N, act_dim] before they were clamped
  Vector log_density;   ///< [N] of the samples, under the policy that drew them
  Vector advantages;    ///< [N]
  Vector returns;       ///< [N] what the value network should have said

  int size() const { return static_cast<int>(samples.rows()); }
};

/// Collects and scores; how actor and critic learn is the derived class's.
class OnPolicyLearner : public RlLearner, protected ActionDensity, private RolloutActor {
 public:
  /// Throws Error for a warm start that does not fit.
  OnPolicyLearner(const RlProblem& problem, const OnPolicyConfig& config);

  void act(ConstMatrixRef observations, MatrixRef actions) final;
  RolloutActor* rollout_actor() final { return this; }
  void observe(const Steps& steps) final;
  void update(RewardLearner& reward) final;
  std::uint64_t updates() const final { return updates_; }
  Policy policy() const final;
  void report(Metrics& metrics) override;
  void serialise(Archive& archive) override;

 protected:
  /// Learns from one rollout; counts updates_.
  virtual void learn(ScoredRollout& rollout) = 0;

  /// Rows of a rollout that the actor learns from; members as ScoredRollout's.
  struct ActorRows {
    ConstMatrixRef observations, samples;
    ConstVectorRef log_density, advantages;
  };
  /// The loss of the present actor (surrogate.h), whose means it leaves in actor_workspace_, with the
  /// gradients at means there and at log sigma in actor_gradient_: what policy_.backward goes on from. `clip`
  /// may be infinite.
  SurrogateLoss surrogate(const ActorRows& rows, double clip);

  /// Mean squared error of the critic on rows of a rollout, with its gradient times `weight` in
  /// critic_gradient_.
  double critic_loss(ConstMatrixRef observations, ConstVectorRef returns, double weight);
  /// `passes` over the rollout in minibatches of about `batch` rows, each one step of Adam on the critic.
  struct CriticFit {
    double learning_rate;
    int passes;
    int batch;
  };
  void fit_critic(const ScoredRollout& rollout, const CriticFit& fit);
  /// What remains of the learning rates for the present rollout.
  double rate_share() const;
  /// Throws DivergenceError unless `value` is finite.
  void want_finite(double value, const char* metric) const;

  const RlProblem problem_;
  const OnPolicyConfig config_;
  Rng rng_;
  std::uint64_t updates_ = 0;
  std::uint64_t steps_ = 0;  ///< learnt from

  GaussianPolicy policy_;
  Vector actor_;  ///< parameters
  AdamState actor_adam_;
  Vector actor_gradient_;
  MlpWorkspace actor_workspace_;
  Mlp critic_network_;
  Vector critic_;  ///< parameters
  AdamState critic_adam_;
  Vector critic_gradient_;
  MlpWorkspace critic_workspace_;
  Minibatches minibatches_;
  RunningMean actor_loss_, critic_loss_, kl_;

 private:
  void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) final;
  int rollout() const final { return config_.rollout; }
  void draw(Matrix& noise) final;
  void sample(ConstMatrixRef observations, ConstMatrixRef noise, MatrixRef samples, VectorRef density) final;
  void acted(ConstMatrixRef samples, ConstVectorRef density) final { buffer_.acted(samples, density); }
  bool normalises() const { return config_.normalise && problem_.warm_start == nullptr; }
  void take_statistics();
  void normalised(ConstMatrixRef observations, Matrix& result) const;
  void learn_reward(RewardLearner& reward);
  void scale_rewards(RewardLearner& reward);
  void estimate();
  void values(ConstMatrixRef observations, Vector& result);

  RolloutBuffer buffer_;
  Rollout rollout_;
  ScoredRollout scored_;
  RunningStatistics statistics_;
  Normaliser normaliser_;
  RewardScale reward_scale_;
  double absorbing_reward_ = 0;

  Matrix act_observations_, act_samples_, act_noise_;
  Vector act_density_;
  MlpWorkspace act_workspace_;
  std::vector<int> cut_;
  std::vector<std::uint8_t> ends_;
  Vector density_scratch_;
  Matrix cut_observations_, cut_normalised_, batch_observations_;
  Vector values_, next_values_, cut_values_, batch_returns_;
  RunningMean value_;
};

}  // namespace understudy
