#pragma once
/// \file The policy of PPO, TRPO and VPG: a ~ N(mu(o), diag sigma²), mu a network, sigma the
/// same for every observation.
///
/// The density is that of the sample *before* it is clamped to [-1, 1] for the task: the clamp belongs to
/// the task, so that score functions keep mean zero. Evaluated at the clamped sample instead, they would
/// pull means off the limits.

#include "bc/networks/mlp.h"
#include "bc/policies/policy.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// log p(action) per row: -1/2 sum_i ((a_i - mu_i) / sigma_i)² - sum_i log sigma_i - A/2 log 2 pi. means,
/// actions `[batch, act_dim]`, log_deviation `[act_dim]` log sigma, result `[batch]`.
void gaussian_log_density(ConstMatrixRef means, ConstVectorRef log_deviation, ConstMatrixRef actions,
                          VectorRef result);

/// sum_i log sigma_i + A/2 log(2 pi e) [nat]. Its derivative with respect to every log sigma_i is 1.
double gaussian_entropy(ConstVectorRef log_deviation);

/// A Gaussian for every observation of a batch.
struct GaussianBatch {
  ConstMatrixRef means;          ///< [batch, act_dim]
  ConstVectorRef log_deviation;  ///< [act_dim]
};

/// Mean over the batch of KL(p || q) = sum_i log(sigma_q / sigma_p) + (sigma_p² + (mu_p -
/// mu_q)²) / (2 sigma_q²) - 1/2.
double gaussian_kl(const GaussianBatch& p, const GaussianBatch& q);

/// Shape of the policy, immutable. The flat vector holds the network's parameters and
/// then log sigma `[act_dim]`.
class GaussianPolicy {
 public:
  /// `network.outputs` is act_dim. `squash`: mu = tanh(output), as cloned policies have it.
  GaussianPolicy(MlpSpec network, bool squash) : network_(std::move(network)), squash_(squash) {}

  const Mlp& network() const { return network_; }
  bool squash() const { return squash_; }
  int act_dim() const { return network_.spec().outputs; }
  int parameter_count() const { return network_.parameter_count() + act_dim(); }
  auto log_deviation(const Vector& parameters) const { return parameters.tail(act_dim()); }

  /// Writes workspace.outputs(), the means of observations `[batch, obs_dim]`.
  void forward(const Vector& parameters, ConstMatrixRef observations, MlpWorkspace& workspace) const;

  /// After forward with the same parameters and observations, and dL/dmeans in
  /// workspace.output_gradient(): overwrites the network's part of `gradient` `[parameter_count]`. What
  /// stands behind it, dL/dlog sigma, is the caller's.
  void backward(const Vector& parameters, ConstMatrixRef observations, MlpWorkspace& workspace,
                Vector& gradient) const;

  /// After forward with the same parameters and observations: product <- F v, F the Fisher information of the
  /// parameters averaged over the batch, which is the Hessian of gaussian_kl at equal parameters. Per
  /// observation it is J^T diag(1 / sigma²) J, J = dmu/dparameters, and 2 for every log sigma (Schulman
  /// et al. 2015, appendix C).
  void fisher_product(const Vector& parameters, ConstMatrixRef observations, MlpWorkspace& workspace,
                      MlpWorkspace& tangents, const Vector& v, Vector& product) const;

 private:
  Mlp network_;
  bool squash_;
};

/// Orthogonal weights of gain sqrt 2, `output_gain` in the last layer, biases zero: what PPO is usually begun
/// with (Huang et al. 2022, "The 37 implementation details of PPO", detail 2).
Vector orthogonal_parameters(const Mlp& network, Rng& rng, double output_gain);

}  // namespace understudy
