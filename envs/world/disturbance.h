#pragma once
/// \file Private to envs: what a Variation does between the actor and the task, in both directions.

#include <cstdint>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "envs/contract/environment.h"
#include "envs/contract/variation.h"

namespace understudy {

/// Latency, noise and gain of the actions; noise of the observations. Of one episode, step by step.
class Disturbance {
 public:
  /// Nothing is disturbed.
  Disturbance() = default;
  Disturbance(const Variation& variation, const EnvironmentSpec& spec, std::uint64_t seed);

  bool changes_actions() const { return changes_actions_; }
  bool changes_observations() const { return deviations_.size() > 0; }

  /// What reaches the task in the step of the last of `actions` `[t * act_dim]`, all since the reset and
  /// in [-1, 1]; the result is within the gain `[act_dim]`. To be called once per step.
  const Vector& act(const std::vector<float>& actions);
  /// Adds noise `[obs_dim]`. To be called once per observation.
  void blur(VectorRef observation);

 private:
  bool changes_actions_ = false;
  std::size_t latency_ = 0;  ///< steps
  double action_noise_ = 0;
  Vector gains_;       ///< [act_dim]
  Vector applied_;     ///< [act_dim]
  Vector deviations_;  ///< [obs_dim], or none
  Rng action_rng_{0};
  Rng observation_rng_{0};
};

}  // namespace understudy
