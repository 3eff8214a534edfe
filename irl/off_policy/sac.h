#pragma once
/// \file Soft actor-critic (Haarnoja et al. 2018, "Soft Actor-Critic Algorithms and Applications"), with two
/// critics and a temperature that is tuned to a target entropy.
///
/// y = R + discount * (min_k Q'_k(o', a') - alpha log pi(a'|o')), a' ~ pi(o')
/// critics: 1/2 mean (Q_k(o, a) - y)²; actor: mean alpha log pi(a|o) - min_k Q_k(o, a), a ~ pi(o);
/// temperature: -log alpha * mean (log pi(a|o) + H)
///
/// With K pairs of critics in place of one (Viel, Viano, Cevher 2025, "SOAR": optimism where little is known, for
/// learners that imitate) every pair has the target y of its own two slow copies, and the actor maximises
/// optimistic_value over the pairs (q_loss.h) in place of min_k Q_k. One pair is plain SAC.
///
/// Departures: an absorbing o' is worth what the reward says (RewardLearner::absorbing_reward), without
/// entropy; orthogonal initial weights.

#include <memory>
#include <vector>

#include "irl/off_policy/off_policy.h"

namespace understudy {

struct SacConfig {
  OffPolicyConfig off_policy;
  std::vector<int> hidden{256, 256};  ///< of actor and critics (Haarnoja et al.)
  double learning_rate = 3e-4;        ///< of everything (Haarnoja et al.)
  double tau = 0.005;      ///< share of the way that the target critics move per update (Haarnoja et al.)
  double temperature = 1;  ///< alpha at the start
  bool tune_temperature = true;    ///< false: alpha stays
  double entropy_per_action = -1;  ///< target H divided by act_dim [nat] (Haarnoja et al.)
  int critic_pairs = 1;            ///< K (Viel et al.: 4; 1: Haarnoja et al.)
  Optimism optimism{};  ///< with more than one pair (Viel et al. chose the clip per task, .1 to 1000)
};

SettingList settings(SacConfig& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<OffPolicyLearner> make_sac(const RlProblem& problem, const SacConfig& config);

}  // namespace understudy
