#pragma once
/// \file Wind that Land's quadrotor flies in: a constant mean and gusts around it.

#include <Eigen/Core>

#include "datasets/types/rng.h"

namespace understudy {

/// What winds are drawn from (ours: a breeze of Beaufort 0 to 2 with 13 % turbulence at its strongest).
struct WindOptions {
  double max_mean = 3;          ///< m/s, level; speed uniform in [0, max_mean], direction anywhere
  double level_gust = 0.4;      ///< m/s, standard deviation of each level component
  double vertical_gust = 0.2;   ///< m/s, of the vertical one
  double correlation_time = 1;  ///< s, after which a gust has kept 1/e of itself
};

/// Mean plus a stationary Ornstein-Uhlenbeck process in each axis,
///   dg = -g / T dt + s sqrt(2 / T) dW,
/// advanced by its exact transition g' = g e^(-dt/T) + s sqrt(1 - e^(-2 dt/T)) N(0, 1), so that statistics do
/// not depend on the time step. The wind is the same everywhere.
class Wind {
 public:
  /// Draws mean and first gust from `rng` and keeps it for the gusts to come.
  explicit Wind(Rng rng, const WindOptions& options = {});

  /// Moves on by `seconds`.
  void advance(double seconds);

  Eigen::Vector3d velocity() const { return mean_ + gust_; }  ///< m/s, of the air over ground
  const Eigen::Vector3d& mean() const { return mean_; }       ///< m/s

 private:
  Rng rng_;
  WindOptions options_;
  Eigen::Vector3d mean_, gust_;
};

}  // namespace understudy
