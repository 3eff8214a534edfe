#pragma once
/// \file A policy as a function without memory of its own: observation, state and noise in, action and state out.

#include <string>

#include "bc/exports/step_graph.h"
#include "bc/policies/policy.h"

namespace understudy {

struct PolicyStep {
  int state = 0;        ///< numbers of the state, which begins as zeros in every episode
  int noise = 0;        ///< standard normal numbers that a step takes
  int noise_every = 1;  ///< of every so manyth step, from an episode's first on, they count
  std::string methods;  ///< TorchScript of the policy's own methods, which `step` calls
  /// TorchScript of
  ///   def step(self, observation: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]
  /// of [1, obs_dim], [1, max(state, 1)] and [1, max(noise, 1)]: the action [1, act_dim] and the next state.
  std::string step;
};

/// Throws Error for a policy that remembers in a way of its own.
PolicyStep policy_step(const Policy& policy);

/// Throws Error that names the operation for a policy that does what cannot be told in a graph.
StepGraph step_graph(const Policy& policy);

}  // namespace understudy
