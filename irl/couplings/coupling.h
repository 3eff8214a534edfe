#pragma once
/// \file Words of optimal transport. A coupling moves the mass of one discrete measure (the rows, in this
/// project the learner's transitions) to another (the columns, the expert's atoms): weights >= 0 for every
/// pair whose row and column sums are the two measures' weights.

#include <Eigen/Core>
#include <string>
#include <vector>

namespace understudy {

/// Cost of moving one unit of mass from row to column. `[rows, columns]`
using CostMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstCostRef = const Eigen::Ref<const CostMatrix>&;
/// Mass of every atom of a measure. `[atoms]`
using Weights = Eigen::VectorXd;
using ConstWeightsRef = const Eigen::Ref<const Weights>&;

/// `mass` goes from `row` to `column`.
struct PlanEntry {
  int row = 0;
  int column = 0;
  double mass = 0;
};
/// The pairs that get mass.
using SparsePlan = std::vector<PlanEntry>;

/// 1 / atoms for every atom.
Weights uniform_weights(Eigen::Index atoms);

/// Throws Error beginning with `place` unless `cost` is finite and not empty, and both measures have one
/// finite weight >= 0 per row or column and a total mass within 1e-6 of 1.
void check_transport(const std::string& place, ConstCostRef cost, ConstWeightsRef row_weights,
                     ConstWeightsRef column_weights);

}  // namespace understudy
