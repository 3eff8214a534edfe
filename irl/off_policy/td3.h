#pragma once
/// \file Twin delayed deep deterministic policy gradients (Fujimoto, van Hoof, Meger 2018), and the DDPG
/// (Lillicrap et al. 2016) that it mends: one critic, no smoothing, no delay.
///
/// y = R + discount * min_k Q'_k(o', clip(pi'(o') + clip(eps, ±noise_clip))), eps ~ N(0, target_noise²)
/// critics: 1/2 mean (Q_k(o, a) - y)²; every `delay` updates, actor: -mean Q_1(o, pi(o)), and the actor's
/// slow copy
///
/// Departures: the critics' slow copies move with every update, the actor's with every update of its own; an
/// absorbing o' is worth what the reward says; orthogonal initial weights.

#include <memory>
#include <vector>

#include "irl/off_policy/off_policy.h"

namespace understudy {

struct Td3Config {
  OffPolicyConfig off_policy{};
  std::vector<int> hidden{256, 256};  ///< of actor and critics (Fujimoto's code)
  double learning_rate = 1e-3;        ///< (Fujimoto et al.: 1e-3)
  double tau = 0.005;                 ///< (Fujimoto et al.)
  int critics = 2;                    ///< 1 or 2
  int delay = 2;                      ///< updates of the critics per update of the actor (Fujimoto et al.)
  double exploration = 0.1;           ///< standard deviation of the noise on actions (Fujimoto et al.)
  double target_noise = 0.2;          ///< standard deviation of the smoothing noise (Fujimoto et al.)
  double noise_clip = 0.5;            ///< most of it (Fujimoto et al.)
};

/// Lillicrap et al. 2016 by this code: one critic, no smoothing, no delay.
Td3Config ddpg_config();

SettingList settings(Td3Config& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<OffPolicyLearner> make_td3(const RlProblem& problem, const Td3Config& config);

}  // namespace understudy
