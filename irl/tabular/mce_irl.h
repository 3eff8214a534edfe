#pragma once
/// \file Maximum causal entropy inverse reinforcement learning on finite MDPs (Ziebart 2010, "Modeling
/// Purposeful Adaptive Behavior with the Principle of Maximum Causal Entropy", chapters 5 and 9): rewards
/// R(s) = features(s) . theta under which the soft-optimal policy visits states as the expert does.
///
///   V_{H-1}(s) = R(s) + log |A|                 Q_t(s, a) = R(s) + gamma sum_s' P(s' | s, a) V_{t+1}(s')
///   V_t(s) = log sum_a exp Q_t(s, a)            pi_t(a | s) = exp(Q_t(s, a) - V_t(s))
///   D_t(s): probability of s before action t    D = sum_{t < H} gamma^t D_t
///
/// The log-likelihood of the expert is concave in theta with gradient features^T (D_expert - D); its negative
/// is minimised by Adam. Visits count the H states in which an action is taken; the state after the last
/// action earns no reward and does not count.

#include <Eigen/Core>

#include "irl/tabular/tabular_mdp.h"

namespace understudy {

struct SoftSolution {
  Eigen::MatrixXd value;  ///< [H, states] V_t
  TabularPolicy policy;   ///< [H] of [states, actions]
};

/// The soft-optimal policy for rewards `reward` `[states]`. Throws Error for a wrong
/// size or a value not finite.
SoftSolution soft_optimal(const TabularMdp& mdp, const Eigen::VectorXd& reward, double discount = 1);

/// D: expected discounted visits of every state, `[states]`; they sum to H when discount is 1.
Eigen::VectorXd occupancy(const TabularMdp& mdp, const TabularPolicy& policy, double discount = 1);

struct MceConfig {
  double discount = 1;          ///< gamma in (0, 1]
  double learning_rate = 1e-2;  ///< of Adam (as in the `imitation` library)
  int iterations = 1000;        ///< at most (same)
  double tolerance = 1e-3;      ///< stop when no state's visits differ by more (same)
  double gradient_norm = 1e-4;  ///< stop when the gradient's Euclidean norm is below (same)
};

/// Throws UsageError naming the field.
void validate(const MceConfig& config);

struct MceResult {
  Eigen::VectorXd theta;       ///< [features]
  Eigen::VectorXd reward;      ///< [states] features * theta
  SoftSolution solution;       ///< soft-optimal for it
  Eigen::VectorXd occupancy;   ///< [states] of that policy
  double occupancy_error = 0;  ///< largest difference of a state's visits from the expert's
  double gradient_norm = 0;
  int iterations = 0;      ///< Adam's steps
  bool converged = false;  ///< one of the two tolerances was met
};

/// Learns theta from 0. `features` `[states, features]`; `expert` `[states]` the expert's discounted
/// visits, estimated from demonstrations or exact. Throws Error for wrong sizes or visits that do not sum
/// to those of an episode (1e-6).
MceResult mce_irl(const TabularMdp& mdp, const Eigen::MatrixXd& features, const Eigen::VectorXd& expert,
                  const MceConfig& config = {});

}  // namespace understudy
