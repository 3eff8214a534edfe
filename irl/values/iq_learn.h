#pragma once
/// \file Inverse soft-Q learning (Garg et al. 2021, "IQ-Learn"): the soft Q-function of a maximum-entropy
/// agent is learnt so that the reward that it implies, r = Q(s, a) - gamma V(s'), tells expert from agent.
///
/// With V(s) = min_k Q_k(s, b) - temperature log pi(b|s), b ~ pi(s), the critics minimise (their eq. 9 with
/// the chi-squared divergence, phi(x) = x - x²/(4 alpha))
///   -E_expert[r] + L_value + 1/(4 alpha) E[r²],
///   L_value  "value"         E_both[V(s) - gamma V(s')]
///            "value-expert"  E_expert[V(s) - gamma V(s')]
///            "v0"            (1 - gamma) E_starts[V(s)], starts being all observations of the expert,
/// and E[r²] over expert and agent, or over the expert alone. All three are equal in expectation over long
/// data. The actor is SAC's: it minimises E_both[temperature log pi - min_k Q_k]. On a bandit, where
/// gamma = 0, the optimum is r = 4 alpha (rho_E - rho_pi) / (rho_E + rho_pi).
///
/// `least_squares` is LS-IQ's form of it (Al-Hafez et al. 2023), the default: with E[r²] over both, r lies within
/// [-4 alpha, 4 alpha] (their 1/c) and Q within [-Q_max, Q_max], Q_max = 4 alpha / (1 - gamma). So the expert's Q
/// is drawn to Q_max, the agent's to -4 alpha + gamma V(s'), V(s') by the slow copies and cut off at those
/// bounds:
///   1/(8 alpha) (E_expert[(Q - Q_max)²] + E_agent[(Q + 4 alpha - gamma V(s'))²]).
/// Unlike above, Q is not pushed apart without end where the critic can tell expert from agent.
///
/// With `critic_pairs` above 1 every group of `critics` has its own values and loss, and the actor maximises
/// optimistic_value over the groups (q_loss.h; Viel, Viano, Cevher 2025, "SOAR").
///
/// Where the expert's actions are not known (ExpertTransitions::states_only), they are what a model of the inverse
/// dynamics, learnt from the agent's transitions (inverse_dynamics.h), says led from its observations to the next.
///
/// Departures: where `absorbing`, an absorbing state is learnt in closed form: V = r / (1 - gamma) with the r
/// that makes the loss least there, given how often either side terminates. The authors' code has V = 0; that
/// is the same for an expert that never terminates with "v0" and "value-expert", whereas with "value" ending
/// would beat any negative r. Orthogonal weights.

#include <memory>
#include <string>
#include <vector>

#include "irl/experts/imitation_problem.h"
#include "irl/off_policy/off_policy.h"

namespace understudy {

struct IqLearnConfig {
  OffPolicyConfig off_policy{};  ///< batch: transitions of the agent per update, and as many of the expert
  std::vector<int> hidden{256, 256};   ///< of actor and critics (Garg et al.)
  double critic_learning_rate = 3e-4;  ///< (Garg et al.)
  double actor_learning_rate = 3e-5;   ///< (Garg et al.)
  double temperature = 0.01;           ///< fixed (Garg et al.; Ant .001, Humanoid 1)
  int critics = 1;                     ///< 1 (Garg et al.) or 2
  int critic_pairs = 1;                ///< groups of these (Garg et al.: 1)
  Optimism optimism{};                 ///< with more than one group
  /// Critics normalise their hidden layers, so that Q stays bounded far from the data (Ball et al. 2023).
  bool layer_norm = false;
  bool slow_target = true;        ///< V(s') by slow copies of the critics, without a gradient (Garg et al.)
  double tau = 0.005;             ///< share of the way that these move per update (Garg et al.)
  std::string value_loss = "v0";  ///< as above (Garg et al.; for HalfCheetah and Ant "value")
  bool regularise_agent = true;   ///< E[r²] over both (Garg et al., "regularize"); false: the expert ("chi")
  bool least_squares = true;      ///< as above, in place of value_loss and regularise_agent
  double alpha = 0.5;             ///< (Garg et al.; Al-Hafez et al., c = 1 / (4 alpha) = 0.5)
  bool absorbing = true;          ///< as above
};

SettingList settings(IqLearnConfig& config);

/// Ignores the reward learner. Throws UsageError for options out of range, Error for an expert or a warm
/// start that does not fit. The expert must outlive the learner.
std::unique_ptr<OffPolicyLearner> make_iq_learn(const RlProblem& problem, const IqLearnConfig& config,
                                                const ExpertTransitions& expert);

}  // namespace understudy
