#pragma once
/// \file Trust region policy optimisation (Schulman et al. 2015, "Trust Region Policy Optimization").
///
/// Maximises mean rho A subject to mean KL(old || new) <= max_kl: the direction x solves (F + damping I) x =
/// g by conjugate gradients with exact Fisher products; the first step has the length at which its quadratic
/// model of the divergence reaches max_kl, and is shrunk until the divergence itself is small enough and the
/// surrogate has risen (appendix C there).
///
/// Departures: advantages are standardised; values are fitted by Adam rather than by conjugate gradients.

#include <functional>
#include <memory>

#include "irl/on_policy/on_policy.h"

namespace understudy {

/// max_kl, damping, gamma, lambda and rollout are those of Ho and Ermon's code for GAIL (classic control);
/// the rest Stable-Baselines3-contrib's.
struct TrpoConfig {
  OnPolicyConfig on_policy{.gamma = 0.995, .lambda = 0.97, .rollout = 5000};
  double max_kl = 0.01;               ///< most mean divergence of a step [nat]
  double damping = 0.1;               ///< added to the Fisher matrix's diagonal
  int conjugate_iterations = 15;      ///< of conjugate gradients
  double shrink = 0.8;                ///< of the step, per attempt of the line search
  int line_search = 10;               ///< attempts
  double value_learning_rate = 1e-3;  ///< Adam's
  int value_epochs = 10;              ///< passes of the value network over a rollout
  int value_batch = 128;              ///< steps per minibatch of these
};

SettingList settings(TrpoConfig& config);

/// Throws UsageError for options out of range, Error for a warm start that does not fit.
std::unique_ptr<RlLearner> make_trpo(const RlProblem& problem, const TrpoConfig& config);

/// Solves A x = b for symmetric positive definite A (Hestenes, Stiefel 1952), beginning with
/// x = 0. `product(v, Av)` writes A v. Stops after `iterations`, or once the residual's squared
/// norm is below 1e-10 of b's.
Vector conjugate_gradients(const std::function<void(const Vector&, Vector&)>& product, const Vector& b,
                           int iterations);

}  // namespace understudy
