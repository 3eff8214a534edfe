#pragma once
/// \file Soft Q imitation learning (Reddy, Dragan, Levine 2020, algorithm 1): half of every batch is the
/// expert's with reward 1, the other half the agent's with reward 0.
///
/// The absorbing state is closed over likewise (ours): as a share s of the absorbing transitions in such
/// batches would be the expert's, it is worth s / (1 - gamma), with s the expert's chance of terminating per
/// step over the sum of the expert's and the agent's, 0 where nobody terminates. Without it (the paper)
/// ending is worth 0, and an expert that ends its episodes by reaching a goal is imitated by dawdling.

#include <memory>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

struct SqilConfig {
  bool absorbing = true;  ///< as above; false: the absorbing state is worth 0
};

SettingList settings(SqilConfig& config);

/// Throws Error for an expert that check_imitation_problem refuses.
std::unique_ptr<RewardLearner> make_sqil_reward(const ImitationProblem& problem, const SqilConfig& config);

}  // namespace understudy
