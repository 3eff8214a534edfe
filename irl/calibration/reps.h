#pragma once
/// \file Relative entropy policy search (Peters, Mülling, Altun 2010) over the parameters of a simulator, as SimOpt
/// updates its distribution (Chebotar et al. 2019, eq. 4):
///
///   min_p E_p[c]  subject to  KL(p || p_phi) <= epsilon,
///
/// whose answer is p(xi) proportional to p_phi(xi) exp(-c(xi) / eta), with eta > 0 minimising the dual
///
///   g(eta) = eta epsilon + eta log (1/N sum_k exp(-c_k / eta)),   xi_k ~ p_phi.

#include <Eigen/Core>

namespace understudy {

/// A normal distribution of parameters.
struct Gaussian {
  Eigen::VectorXd mean;        ///< [parameters]
  Eigen::MatrixXd covariance;  ///< [parameters, parameters]
};

struct RepsWeights {
  Eigen::VectorXd weights;  ///< [samples], sum 1
  double eta = 0;           ///< the temperature
  double kl = 0;    ///< of the weights from even ones: epsilon, unless the costs are too few or too alike
  double dual = 0;  ///< g(eta); -g is E_p[c] where the bound is reached
  double effective = 0;  ///< 1 / sum of squared weights, in samples
};

/// The least temperature, as a share of the mean cost above the least (the authors' is 0.001 of their costs, which are
/// sums): bounds the weights where no temperature reaches the KL bound.
inline constexpr double kLeastTemperature = 1e-3;

/// For `costs` `[samples]`, at least one, all finite, and `epsilon` > 0. Newton's method on g' in log eta, with
/// bisection where it leaves the bracket. Throws Error otherwise.
RepsWeights reps_weights(const Eigen::VectorXd& costs, double epsilon);

/// Weighted mean and covariance of `samples` `[samples, parameters]`, the latter without the bias of maximum likelihood
/// (over 1 - the sum of squared weights), so that few samples do not narrow it by themselves; `ridge` times the variances
/// of `before` are added, so that it stays a covariance.
Gaussian weighted_gaussian(const Eigen::MatrixXd& samples, const Eigen::VectorXd& weights,
                           const Gaussian& before, double ridge = 1e-6);

/// KL(p || q) in nats. Both covariances have to be positive definite.
double gaussian_kl(const Gaussian& p, const Gaussian& q);

/// Correlation of each two parameters, 1 on the diagonal; 0 where one does not vary.
Eigen::MatrixXd correlations(const Eigen::MatrixXd& covariance);

}  // namespace understudy
