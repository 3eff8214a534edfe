#pragma once
/// \file A mixture density network (Bishop 1994), as BayesSim fits one to simulations (Ramos, Possas, Fox 2019, arXiv
/// 1906.01728): from statistics x of an episode to a mixture of normal distributions over the parameters that it
/// was simulated with, q(xi | x), by maximum likelihood.
///
/// Departure from the paper: the epoch's parameters that were best on a tenth of the simulations, which are kept apart,
/// are what is kept.

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <vector>

#include "bc/networks/mlp.h"
#include "irl/calibration/mixture.h"

namespace understudy {

struct MixtureDensityConfig {
  std::vector<int> hidden = {24, 24};  ///< (rafaelpossas/bayes_sim)
  int components = 4;                  ///< normal distributions, with full covariances (ours)
  int epochs = 500;                    ///< (rafaelpossas/bayes_sim)
  int batch = 250;                     ///< (rafaelpossas/bayes_sim)
  double learning_rate = 1e-3;         ///< of Adam (ours)
  std::uint64_t seed = 1;
};

/// The network's outputs for one component: logit, mean [n], log of the diagonal of U [n], what is below it row by row,
/// where U'U is the precision.
class MixtureDensityNetwork {
 public:
  /// Throws UsageError unless there are rows for a batch, all finite. `features` `[samples, features]`, `parameters`
  /// `[samples, n]`. `progress`, if given, is told of each epoch and returns false to stop there.
  MixtureDensityNetwork(const Eigen::MatrixXd& features, const Eigen::MatrixXd& parameters,
                        const MixtureDensityConfig& config,
                        const std::function<bool(int epoch, double held_out_loss)>& progress = {});

  /// q(xi | x), in the parameters' units. `features` `[features]`
  GaussianMixture posterior(const Eigen::VectorXd& features) const;
  /// Nats per simulation, of those kept apart, in scaled parameters.
  double held_out_loss() const { return held_out_loss_; }

 private:
  Matrix scaled(const Eigen::MatrixXd& features) const;

  Eigen::VectorXd feature_mean_, feature_scale_, parameter_mean_, parameter_scale_;
  Mlp network_;
  Vector weights_;
  int components_;
  double held_out_loss_ = 0;
};

/// Mean over the batch of -log sum_k pi_k N(target | mu_k, Sigma_k), and its gradient. `outputs` and `gradient`
/// `[batch, components * (1 + 2 n + n (n - 1) / 2)]`, `targets` `[batch, n]`.
double mixture_loss(ConstMatrixRef outputs, ConstMatrixRef targets, int components, MatrixRef gradient);

}  // namespace understudy
