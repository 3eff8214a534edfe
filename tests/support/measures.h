#pragma once
/// \file Small measures for tests of couplings.

#include <initializer_list>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "irl/couplings/coupling.h"
#include "tests/support/random_matrices.h"

namespace understudy::tests {

/// Atoms on the line. `[n, 1]`
inline Matrix on_line(std::initializer_list<float> values) {
  Matrix atoms(static_cast<Eigen::Index>(values.size()), 1);
  Eigen::Index row = 0;
  for (const float value : values) atoms(row++, 0) = value;
  return atoms;
}

/// Positive weights that sum to 1.
inline Weights random_weights(int atoms, Rng& rng) {
  Weights weights(atoms);
  for (double& weight : weights) weight = rng.uniform(0.05, 1);
  return weights / weights.sum();
}

/// The plan as a matrix. `[rows, columns]`
inline CostMatrix dense(const SparsePlan& plan, Eigen::Index rows, Eigen::Index columns) {
  CostMatrix matrix = CostMatrix::Zero(rows, columns);
  for (const PlanEntry& entry : plan) matrix(entry.row, entry.column) += entry.mass;
  return matrix;
}

}  // namespace understudy::tests
