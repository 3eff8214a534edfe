#pragma once
/// \file CMA-ES (Hansen 2016, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772, figure 6 and table 1, negative
/// weights included): minimises a function of some numbers by draws from a normal distribution, whose covariance
/// follows the steps that were good.

#include <Eigen/Core>

#include "datasets/types/rng.h"

namespace understudy {

struct CmaEsState {
  Eigen::VectorXd mean;             ///< [n]
  Eigen::MatrixXd covariance;       ///< C, [n, n]
  double sigma = 1;                 ///< step size; draws come from N(mean, sigma^2 C)
  Eigen::VectorXd sigma_path;       ///< p_sigma, [n]
  Eigen::VectorXd covariance_path;  ///< p_c, [n]
  int generation = 0;
};

class CmaEs {
 public:
  /// Begins at `mean` with the same deviation `sigma` > 0 for all entries: scale the numbers so that this makes sense.
  /// `population` 0: 4 + floor(3 log n), the default of table 1; else at least 4.
  CmaEs(const Eigen::VectorXd& mean, double sigma, int population = 0);

  int population() const { return population_; }
  const CmaEsState& state() const { return state_; }
  /// Goes on from there. Of the same n.
  void restore(const CmaEsState& state);

  /// The next generation, `[population, n]`. Draws only; any number of times.
  Eigen::MatrixXd ask(Rng& rng) const;
  /// What they cost, `[population]`; not finite counts as the worst.
  void tell(const Eigen::MatrixXd& points, const Eigen::VectorXd& costs);

 private:
  int population_;
  Eigen::VectorXd
      weights_;  ///< [population]; those of the parents, the better half, sum to 1, the others are negative
  int parents_ = 0;
  double effective_ = 1;  ///< mu_eff
  double c_sigma_, d_sigma_, c_c_, c_1_, c_mu_, chi_;
  CmaEsState state_;
};

}  // namespace understudy
