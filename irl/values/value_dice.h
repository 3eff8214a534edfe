#pragma once
/// \file Imitation by off-policy distribution matching (Kostrikov, Nachum, Tompson 2020, "ValueDICE"): the
/// Donsker-Varadhan form of KL(agent || expert) with its log ratio written as x = nu(s, a) - gamma
/// nu(s', a'), a' ~ pi(s'), so that the agent's own distribution is needed at episodes' starts only (their
/// eq. 12 to 14).
///
/// With w the share of the replay (their alpha), and expert and replay means E and R,
///   L = log((1 - w) E[e^x] + w R[e^x]) - (1 - w) (1 - gamma) E[nu(s, b)] - w R[x],  b ~ pi(s);
/// nu minimises L, the policy maximises it. All observations of the expert count as starts (the authors'
/// code). -L is a lower bound of the divergence. Regularisers as in that code: a gradient penalty on nu at
/// rows mixed of expert and replay, for (s, a) and for (s', a'), and sum over i != j of (W'W)_ij² for every
/// layer of the policy.
///
/// Departures: the absorbing state is one number nu_abs instead of ten more transitions per episode; it adds
/// a row x = (1 - gamma) nu_abs per termination. The policy explores by its own deviation.

#include <memory>
#include <vector>

#include "irl/experts/imitation_problem.h"
#include "irl/off_policy/off_policy.h"

namespace understudy {

struct ValueDiceConfig {
  /// batch: transitions of the replay per update, and as many of the expert (Kostrikov et al.).
  OffPolicyConfig off_policy{.start = 2000, .updates_per_step = 5};
  std::vector<int> hidden{256, 256};  ///< of policy and nu (Kostrikov et al.)
  double nu_learning_rate = 1e-3;     ///< (Kostrikov et al.)
  double actor_learning_rate = 1e-5;  ///< (Kostrikov et al.)
  double replay_share = 0.1;          ///< w (Kostrikov et al.), in [0, 1)
  double penalty = 10;                ///< of nu's gradient (Kostrikov et al.)
  double orthogonality = 1e-4;        ///< of the policy's layers (Kostrikov et al.)
  bool absorbing = true;              ///< false: nu_abs = 0
};

SettingList settings(ValueDiceConfig& config);

/// Ignores the reward learner. Throws UsageError for options out of range, Error for an expert or a warm
/// start that does not fit. The expert must outlive the learner.
std::unique_ptr<OffPolicyLearner> make_value_dice(const RlProblem& problem, const ValueDiceConfig& config,
                                                  const ExpertTransitions& expert);

}  // namespace understudy
