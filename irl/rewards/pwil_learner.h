#pragma once
/// \file PWIL as a reward learner: one coupling per environment, scored step by step.

#include <memory>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"
#include "irl/rewards/pwil_reward.h"

namespace understudy {

struct PwilLearnerConfig {
  double alpha = 5;         ///< reward of a perfect match (Dadashi et al. 2021)
  double beta = 5;          ///< how fast the reward falls with distance (Dadashi et al.)
  bool state_only = false;  ///< imitate observations alone
  int prefill =
      0;  ///< transitions of the expert, with reward alpha, that the replay begins with (Dadashi et al.:
          ///< 50,000; ours 0: they stay wrong until they are overwritten)
};

SettingList settings(PwilLearnerConfig& config);

/// Throws UsageError and Error.
std::unique_ptr<RewardLearner> make_pwil(const ImitationProblem& problem, const PwilLearnerConfig& config);

}  // namespace understudy
