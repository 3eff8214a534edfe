#pragma once
/// \file A kind of policy that no program of ours has: it shows that a kind is a pair of files and one line
/// in a list.

#include <memory>
#include <string>
#include <vector>

#include "bc/policies/policy.h"
#include "bc/policies/policy_kinds.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// h_t = A h_{t-1} + B x_t, a_t = clamp(C h_t, -1, 1); x the normalised observation, h_0 the same in every
/// episode.
class LinearRecurrentPolicy final : public PolicyNetwork {
 public:
  std::string kind() const override { return "linear_recurrent"; }
  std::string description() const override;
  std::vector<PolicyTensor> tensors() const override;
  void check(const Policy& policy, const std::string& place) const override;
  PolicyScript script(const Policy& policy) const override;
  std::unique_ptr<Actor> make_actor(const Policy& policy) const override;

  Matrix from_state;  ///< A [units, units]
  Matrix from_input;  ///< B [units, obs_dim]
  Matrix to_action;   ///< C [act_dim, units]
  Vector start;       ///< h_0 [units]
};

/// For the list of kinds.
PolicyKind linear_recurrent_policy_kind();

/// A policy of random numbers for a task like `spec`, whose state fades within some ten steps.
Policy random_recurrent_policy(const EnvironmentSpec& spec, int units, std::uint64_t seed);

}  // namespace understudy
