#pragma once
/// \file Proximal policy optimisation (Schulman et al. 2017, "Proximal Policy
/// Optimization Algorithms"), clipped.
///
/// L = surrogate_loss - entropy_weight * entropy + value_weight * mean (V(o) - return)², minimised by Adam in
/// `epochs` passes over every rollout, with the gradient of actor and critic together held to a norm.
///
/// Learns on one thread, or shard by shard (bc/parallel/shards.h) on several ranks.
///
/// Departures: two networks with no shared layers (as in Stable-Baselines3), no decay of the learning rate
/// unless asked for, no clipping of the value loss; observations and rewards are normalised by running
/// statistics (as in OpenAI's baselines).

#include <memory>

#include "irl/on_policy/on_policy.h"

namespace understudy {

/// Defaults are Stable-Baselines3's.
struct PpoConfig {
  OnPolicyConfig on_policy;
  double learning_rate = 3e-4;  ///< Adam's
  int batch = 64;               ///< steps per minibatch
  int epochs = 10;              ///< passes over a rollout
  double clip = 0.2;            ///< how far ratios may be gainfully moved from 1
  double entropy_weight = 0;    ///< of the policy's entropy
  double value_weight = 0.5;    ///< of the critic's squared error
  double gradient_norm = 0.5;   ///< most norm of the gradient of actor and critic together
  int critic_warmup = 0;        ///< steps at the start in which the actor stands still
};

SettingList settings(PpoConfig& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<RlLearner> make_ppo(const RlProblem& problem, const PpoConfig& config);

}  // namespace understudy
