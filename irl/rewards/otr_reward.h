#pragma once
/// \file Optimal transport rewards (Luo et al. 2023, "OTR"): alpha exp(-beta c_i / dim), c_i a step's cost
/// (see transport_reward.h) in a Sinkhorn coupling under the cosine cost of observations alone;
/// dim = obs_dim.
///
/// Rewards are positive and an episode that terminates earns nothing more, as with PWIL: they suit tasks that
/// end in failure, and teach to dawdle where an episode ends with success.
///
/// Departure: all demonstrations are one measure, instead of the best of them.

#include <memory>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

struct OtrConfig {
  double alpha = 5;        ///< (Luo et al.)
  double beta = 5;         ///< (Luo et al.)
  bool state_only = true;  ///< (Luo et al.)
  double epsilon = 0.01;   ///< weight of the entropy (Luo et al.)
  int iterations = 100;    ///< of Sinkhorn's (Luo et al.)
};

SettingList settings(OtrConfig& config);

/// Throws UsageError for options out of range.
std::unique_ptr<RewardLearner> make_otr(const ImitationProblem& problem, const OtrConfig& config);

}  // namespace understudy
