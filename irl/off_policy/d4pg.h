#pragma once
/// \file Distributed distributional deterministic policy gradients (Barth-Maron et al. 2018), on one machine:
/// PWIL's own RL learner (Dadashi et al. 2021).
///
/// The critic gives a distribution over `atoms` values z from -limit to limit. Its target is the distribution
/// of R + discount * z at (o', pi'(o')), projected onto the atoms (Bellemare et al. 2017); its loss the
/// cross-entropy; the actor ascends the mean value, with dQ/da clipped to norm 1 per row.
///
/// Departures: ReLU layers without LayerNorm; an absorbing o' is worth what the reward says.

#include <memory>
#include <vector>

#include "irl/off_policy/off_policy.h"

namespace understudy {

struct D4pgConfig {
  OffPolicyConfig off_policy{.n_step = 5};  ///< (Barth-Maron et al.)
  std::vector<int> hidden{256, 256};        ///< of actor and critic (acme)
  double learning_rate = 1e-4;              ///< (Barth-Maron et al.; PWIL)
  int atoms = 201;                          ///< (PWIL; 51 in Barth-Maron et al.)
  double limit = 150;                       ///< greatest value, and least one negated (PWIL)
  double exploration = 0.2;                 ///< deviation of the noise on actions (PWIL)
  int target_period = 100;                  ///< updates between two copies of the networks (PWIL)
};

SettingList settings(D4pgConfig& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<OffPolicyLearner> make_d4pg(const RlProblem& problem, const D4pgConfig& config);

}  // namespace understudy
