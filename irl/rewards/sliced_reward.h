#pragma once
/// \file Rewards from the sliced Wasserstein distance: alpha exp(-beta c_i), where c_i is the root mean
/// square over random lines of how far step i must go (Rabin et al. 2011 for the distance; as a reward ours,
/// after PWIL).
///
/// Rewards are positive and an episode that terminates earns nothing more, as with PWIL: they suit tasks that
/// end in failure, and teach to dawdle where an episode ends with success.

#include <memory>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

struct SlicedRewardConfig {
  double alpha = 5;         ///< as PWIL's
  double beta = 5;          ///< as PWIL's
  bool state_only = false;  ///< imitate observations alone
  int directions = 64;      ///< lines, drawn anew for every episode
};

SettingList settings(SlicedRewardConfig& config);

/// Throws UsageError for options out of range.
std::unique_ptr<RewardLearner> make_sliced(const ImitationProblem& problem, const SlicedRewardConfig& config);

}  // namespace understudy
