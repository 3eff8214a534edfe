#include "datasets/types/random_matrix.h"

#include <cmath>
#include <numbers>

namespace understudy {

void fill_normal(Rng& rng, MatrixRef values) {
  float second = 0;
  bool have_second = false;
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    for (Eigen::Index column = 0; column < values.cols(); ++column) {
      if (have_second) {
        values(row, column) = second;
      } else {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - rng.uniform()));
        const double angle = 2.0 * std::numbers::pi * rng.uniform();
        values(row, column) = static_cast<float>(radius * std::cos(angle));
        second = static_cast<float>(radius * std::sin(angle));
      }
      have_second = !have_second;
    }
  }
}

}  // namespace understudy
