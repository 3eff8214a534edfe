#pragma once
/// \file The contract of whatever maximises rewards: SAC, TD3, PPO and so on.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "bc/networks/mlp_device.h"
#include "bc/parallel/shards.h"
#include "bc/policies/policy.h"
#include "bc/runs/metrics.h"
#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"
#include "irl/contract/reward_learner.h"
#include "irl/contract/rollout_actor.h"
#include "irl/contract/transition.h"

namespace understudy {

/// What every learner is made for. Observations are normalised already, everywhere in irl.
struct RlProblem {
  int obs_dim = 0;
  int act_dim = 0;
  int environments = 1;    ///< streams of Steps
  int horizon = 0;         ///< the most steps of an episode
  std::uint64_t seed = 1;  ///< of everything random in the learner
  int threads = 1;         ///< that an update may use; results may depend on it
  int steps = 0;  ///< of the environments over the whole training; 0: unknown, learning rates cannot decay
  /// A policy whose network has the learner's own shape to begin with (a cloned policy), or null. Only its
  /// network is looked at.
  std::shared_ptr<const Policy> warm_start{};
  /// Standard deviations of the actions that warm_start was cloned from `[act_dim]`, beyond which its first noise would hide
  /// what it does; empty: unknown.
  Vector action_deviations{};
  std::shared_ptr<MlpDevice> device{};  ///< of the networks' larger passes; null: the CPU
  /// What batches are split into, for learners with a rollout_actor().
  std::shared_ptr<Shards> shards = std::make_shared<Shards>();
};

/// Throws Error, after loading, unless a learner may have observed so many steps by now: the field that was
/// named last.
inline void want_steps(const Archive& archive, const RlProblem& problem, std::uint64_t steps) {
  const std::int64_t most =
      problem.steps > 0 ? std::int64_t{problem.steps} + problem.environments : INT32_MAX;
  archive.want_range(static_cast<std::int64_t>(std::min<std::uint64_t>(steps, INT64_MAX)), 0, most);
}

/// Learns from rewards. Same problem, config, build and steps: same bits.
class RlLearner {
 public:
  RlLearner() = default;
  RlLearner(const RlLearner&) = delete;
  RlLearner& operator=(const RlLearner&) = delete;
  virtual ~RlLearner() = default;

  /// Actions to explore with, in [-1, 1]. `[environments, ...]`, row = stream.
  virtual void act(ConstMatrixRef observations, MatrixRef actions) = 0;

  /// Its part that acts while a rollout is collected elsewhere, instead of act(); null: it has none.
  virtual RolloutActor* rollout_actor() { return nullptr; }

  /// Takes in steps with the rewards that they were scored with. Their number may differ from call to call.
  virtual void observe(const Steps& steps) = 0;

  /// Learns what is due after the steps observed so far. `reward` learns first, from the transitions at hand,
  /// and relabels them if it does so. Throws DivergenceError.
  virtual void update(RewardLearner& reward) = 0;

  /// Gradient steps of the policy so far.
  virtual std::uint64_t updates() const = 0;

  /// The present deterministic policy: its network, and a normaliser if the learner has one of its own (else
  /// identity). The caller adds the rest.
  virtual Policy policy() const = 0;

  /// Adds the learner's numbers since the last report.
  virtual void report(Metrics& metrics) = 0;

  /// Saves or restores everything that the next updates depend on, replay included.
  virtual void serialise(Archive& archive) = 0;
};

}  // namespace understudy
