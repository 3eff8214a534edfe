#pragma once
/// \file Matrices of standard normal numbers, drawn entry by entry.

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy::tests {

/// Entries N(0, scale²), row by row. `[rows, columns]`
inline Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, double scale, Rng& rng) {
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i)
    matrix.data()[i] = static_cast<float>(scale * rng.normal());
  return matrix;
}
inline Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, Rng& rng) {
  return random_matrix(rows, columns, 1, rng);
}

/// The same as a vector. `[size]`
inline Vector random_vector(Eigen::Index size, double scale, Rng& rng) {
  return random_matrix(1, size, scale, rng).row(0).transpose();
}
inline Vector random_vector(Eigen::Index size, Rng& rng) {
  return random_vector(size, 1, rng);
}

}  // namespace understudy::tests
