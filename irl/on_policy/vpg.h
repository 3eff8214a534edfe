#pragma once
/// \file Vanilla policy gradient with a value baseline (Williams 1992; Sutton et al. 2000), as in OpenAI's
/// Spinning Up: one step of Adam on the policy per rollout, then the value network fits the returns.
///
/// Departure: steps that came back after a later policy step, as episodes scored at their end do, are
/// weighted by the ratio of densities; for all others that ratio is 1.

#include <memory>

#include "irl/on_policy/on_policy.h"

namespace understudy {

/// Defaults are Spinning Up's.
struct VpgConfig {
  OnPolicyConfig on_policy{.lambda = 0.97, .rollout = 4000};
  double learning_rate = 3e-4;        ///< Adam's, of the policy
  double value_learning_rate = 1e-3;  ///< Adam's, of the value network
  int value_iterations = 80;          ///< steps of the value network per rollout, on all of it
};

SettingList settings(VpgConfig& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<RlLearner> make_vpg(const RlProblem& problem, const VpgConfig& config);

}  // namespace understudy
