#pragma once
/// \file Exact optimal transport between two discrete measures: min over couplings of sum mass *
/// cost, by the primal network simplex on the complete bipartite graph (Ahuja, Magnanti, Orlin 1993,
/// chapter 11), with strongly feasible trees (Cunningham 1976), which end degenerate pivots, and
/// block search for the entering arc.

#include <cstdint>
#include <functional>

#include "irl/couplings/coupling.h"

namespace understudy {

struct ExactCoupling {
  double cost = 0;  ///< sum over the plan of mass * cost
  SparsePlan plan;  ///< at most rows + columns - 1 entries, by row, then column
  /// The proof of optimality, Kantorovich's dual: row_potential(r) + column_potential(c) <= cost(r, c) for
  /// all pairs to 1e-11 of the largest cost, with equality where the plan has mass; so sum of weight *
  /// potential over both sides equals `cost`.
  Eigen::VectorXd row_potential;     ///< [rows]
  Eigen::VectorXd column_potential;  ///< [columns]
  std::int64_t pivots = 0;           ///< how many times the tree changed
};

/// W1 is `cost` of Euclidean ground costs, W2 the square root of `cost` of squared ones. Masses are counted
/// in whole units, so that no rounding builds up: exactly for uniform weights, else in units of 2^-50;
/// entries that are only such rounding (below (rows + columns) 2^-50) are left out. The same input gives the
/// same plan. 1000 by 1000 atoms take a fraction of a second; time grows with about the 2.5th power. Throws
/// Error as check_transport does. `progress`, if any, is told now and then how often the tree has changed; what it throws
/// ends the work.
ExactCoupling exact_coupling(ConstCostRef cost, ConstWeightsRef row_weights, ConstWeightsRef column_weights,
                             const std::function<void(std::int64_t pivots)>& progress = {});

}  // namespace understudy
