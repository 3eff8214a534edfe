#pragma once
/// \file The contract of whatever scores transitions: the task's own reward, PWIL, GAIL and so on.

#include <string>

#include "bc/runs/metrics.h"
#include "datasets/storage/archive.h"
#include "datasets/types/error.h"
#include "datasets/types/matrix.h"
#include "irl/contract/transition.h"

namespace understudy {

/// log pi(a|o) of the present policy, for rewards that depend on it (AIRL).
class ActionDensity {
 public:
  virtual ~ActionDensity() = default;
  /// observations `[batch, obs_dim]`, actions `[batch, act_dim]`, result `[batch]`. Throws UsageError when
  /// the learner's policy has no density (TD3, DDPG, D4PG).
  virtual void log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) = 0;
};

/// Scores transitions and may learn from those of learner and expert. When what is called:
/// - `score` as soon as steps are taken, or, if `scores_episodes()`, once their episode has ended;
/// - `learn` and then `relabel` on every batch that an RL learner is about to learn from.
class RewardLearner {
 public:
  RewardLearner() = default;
  RewardLearner(const RewardLearner&) = delete;
  RewardLearner& operator=(const RewardLearner&) = delete;
  virtual ~RewardLearner() = default;

  /// True when rewards are given to whole episodes at their end: `score` then gets all steps of one episode.
  virtual bool scores_episodes() const { return false; }

  /// Overwrites steps.rewards, which come in as the task's own. The default gives 0, to be relabelled.
  virtual void score(Steps& steps) { steps.rewards.setZero(); }

  /// Learns from transitions of the agent (policy in training); draws those of the expert itself.
  virtual void learn(const TransitionBatch& /*agent*/, ActionDensity& /*density*/) {}

  /// True when `relabel` changes rewards; n-step returns are then not possible.
  virtual bool relabels() const { return false; }
  /// Overwrites rewards of one-step transitions as they are seen now. May also replace rows by the expert's
  /// (SQIL).
  virtual void relabel(TransitionBatch& /*batch*/, ActionDensity& /*density*/) {}

  /// True when scores change as the reward learns but are not relabelled: a replay would hold old ones.
  virtual bool goes_stale() const { return false; }

  /// True when it asks for the density of actions.
  virtual bool needs_density() const { return false; }

  /// True when `relabel` replaces rows, which wants transitions drawn from a replay, or there is a prefill
  /// for one.
  virtual bool needs_replay() const { return false; }

  /// Reward per step in the absorbing state that follows termination. Its value is that over (1 - gamma), the
  /// closed form of the absorbing states of DAC (Kostrikov et al. 2019): an episode that ends is worth what
  /// being there for ever is worth, so that neither surviving nor ending is rewarded as such.
  virtual double absorbing_reward() { return 0; }

  /// Transitions of the expert to fill a replay with before training (PWIL's prefill); none by default.
  virtual const Steps* prefill() const { return nullptr; }

  /// Adds numbers since the last report.
  virtual void report(Metrics& /*metrics*/) {}
  virtual void serialise(Archive& /*archive*/) {}
};

}  // namespace understudy
