#pragma once
/// \file Wasserstein distances on lines: sorting solves the transport there, in closed form.

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "irl/couplings/coupling.h"

namespace understudy {

/// W_p^p of two measures on the real line, the p-th power of the distance: the integral over u in [0, 1] of
/// |F^-1(u) - G^-1(u)|^p (Villani 2003, theorem 2.18). Any counts and weights. Throws Error when a side is empty,
/// sizes differ, or a weight is negative or the weights do not sum to 1.
double line_wasserstein_power(const Eigen::VectorXd& x, ConstWeightsRef x_weights, const Eigen::VectorXd& y,
                              ConstWeightsRef y_weights, double power);

struct SlicedConfig {
  int directions = 500;  ///< number of random lines, uniform over the sphere
  double power = 2;      ///< p >= 1
};

/// Throws UsageError naming the field.
void validate(const SlicedConfig& config);

struct SlicedDistance {
  double value = 0;           ///< SW_p = (mean of the lines' W_p^p)^(1/p)
  double mean_power = 0;      ///< unbiased estimate of SW_p^p over all directions
  double standard_error = 0;  ///< of mean_power; 0 for one direction
};

/// Sliced Wasserstein distance (Rabin et al. 2011; Bonneel et al. 2015) of atoms `[rows, dim]` and
/// `[columns, dim]`: the mean over directions theta of W_p^p of x.theta and y.theta. N(0, I_d) and N(m, I_d)
/// have SW_2^2 = |m|^2 / d. Throws Error when the dimensions differ or as line_wasserstein_power does.
SlicedDistance sliced_wasserstein(ConstMatrixRef x, ConstWeightsRef x_weights, ConstMatrixRef y,
                                  ConstWeightsRef y_weights, const SlicedConfig& config, Rng& rng);
/// With uniform weights.
SlicedDistance sliced_wasserstein(ConstMatrixRef x, ConstMatrixRef y, const SlicedConfig& config, Rng& rng);

}  // namespace understudy
