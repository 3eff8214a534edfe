#pragma once
/// \file PWIL's greedy coupling of a whole trajectory (Dadashi et al. 2021, section 3.2): in time order every
/// row gives its mass to the nearest columns that still have room. It is a coupling, so it never costs less
/// than the exact one. irl/rewards/pwil_reward.h computes the same online.

#include "irl/couplings/coupling.h"

namespace understudy {

struct GreedyCoupling {
  double cost = 0;            ///< sum over rows
  Eigen::VectorXd row_costs;  ///< [rows] sum over the plan's entries of that row of mass * cost
  SparsePlan plan;            ///< in the order in which mass was given
};

/// Ties go to the lowest column. Throws Error as check_transport does.
GreedyCoupling greedy_coupling(ConstCostRef cost, ConstWeightsRef row_weights,
                               ConstWeightsRef column_weights);

}  // namespace understudy
