#pragma once
/// \file How far a simulated episode is from a real one (Chebotar et al. 2019, "Closing the Sim-to-Real Loop", eq. 3):
///
///   D = w_1 ||W d||_1 + w_2 ||W d||_2^2,   d_t = filtered (o_t of the simulation - o_t of the world)
///
/// with a Gaussian filter over time, which forgives small lags.
///
/// Departures from the paper: D is the mean over time and entries instead of their sum, so that a long episode is no
/// worse than a short one; the longer of the two is cut to the shorter (both as in the re-implementation in
/// SimuRLacra); W, which the paper sets by hand, is by default one over the deviation of each entry in the real
/// episodes, so that units do not matter.

#include <vector>

#include "datasets/types/episode.h"
#include "datasets/types/matrix.h"

namespace understudy {

struct DiscrepancyConfig {
  double l1 = 0.5;            ///< w_1, >= 0 (section IV-B)
  double l2 = 1;              ///< w_2, >= 0 (section IV-B)
  double sigma = 5;           ///< steps, of the filter, >= 0; 0: none (section IV-B)
  double truncation = 4;      ///< deviations after which the filter ends, > 0 (section IV-B)
  Eigen::VectorXd weights{};  ///< W, [obs_dim], >= 0
};

/// Of observations `[T + 1, obs_dim]` each. Throws Error unless there are as many entries as weights.
double discrepancy(ConstMatrixRef simulated, ConstMatrixRef real, const DiscrepancyConfig& config);

/// Each column of `values` `[T, entries]` filtered by a Gaussian of `sigma` steps, cut at `truncation` deviations, the
/// series being mirrored at its ends.
Eigen::MatrixXd gaussian_filtered(const Eigen::MatrixXd& values, double sigma, double truncation);

/// One over the deviation of each entry over all steps of `episodes`; 0 for an entry that does not move. At least one
/// episode.
Eigen::VectorXd deviation_weights(const std::vector<Episode>& episodes);

}  // namespace understudy
