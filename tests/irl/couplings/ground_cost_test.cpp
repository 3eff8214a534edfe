#include "irl/couplings/ground_cost.h"

#include <cmath>

#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/measures.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;

TEST_CASE("standardised atoms have deviation 1, and an entry that never changes keeps its unit", "[irl]") {
  Rng rng(1);
  Matrix atoms = random_matrix(400, 3, rng);
  atoms.col(0) = (atoms.col(0).array() * 0.002F + 50).matrix();
  atoms.col(2).setConstant(123.456F);
  const Normaliser standardiser = atom_standardiser(atoms);
  CHECK(standardiser.scale(2) == 1.0F);
  Matrix standard = atoms;
  standardiser.apply(standard);
  for (int i = 0; i < 2; ++i) {
    const Eigen::VectorXd column = standard.col(i).cast<double>();
    CHECK((column.array() - column.mean()).square().mean() == Approx(1.0).epsilon(1e-4));
  }
  CHECK(standard.col(2).isZero());
}

TEST_CASE("all three ground costs are what their formulas say, by differences and by matrix product",
          "[irl]") {
  const int dim = GENERATE(1, 3, 8, 40);
  Rng rng(2);
  Matrix x = random_matrix(13, dim, rng);
  Matrix y = random_matrix(9, dim, rng);
  x.array() += 30;  // far from the origin, where |x|^2 + |y|^2 - 2 x.y would lose digits
  y.array() += 30;
  y.row(4) = x.row(2);
  y.row(5) = x.row(3) * 1.0001F;
  const CostMatrix euclidean = ground_cost(GroundCost::kEuclidean, x, y);
  const CostMatrix squared = ground_cost(GroundCost::kSquaredEuclidean, x, y);
  const CostMatrix cosine = ground_cost(GroundCost::kCosine, x, y);
  for (int r = 0; r < x.rows(); ++r) {
    for (int c = 0; c < y.rows(); ++c) {
      const Eigen::VectorXd a = x.row(r).cast<double>();
      const Eigen::VectorXd b = y.row(c).cast<double>();
      CHECK(squared(r, c) == Approx((a - b).squaredNorm()).epsilon(1e-9));
      CHECK(euclidean(r, c) == Approx((a - b).norm()).epsilon(1e-9));
      CHECK(std::abs(cosine(r, c) - (1 - a.dot(b) / a.norm() / b.norm())) < 1e-14);
    }
  }
  CHECK(euclidean(2, 4) == 0.0);
}

TEST_CASE("the cosine cost of opposite, orthogonal and zero vectors is 2, 1 and 1", "[irl]") {
  Matrix x(1, 2);
  x << 3, 0;
  Matrix y(3, 2);
  y << -2, 0, 0, 5, 0, 0;
  const CostMatrix cost = ground_cost(GroundCost::kCosine, x, y);
  CHECK(cost(0, 0) == Approx(2.0));
  CHECK(cost(0, 1) == Approx(1.0));
  CHECK(cost(0, 2) == 1.0);
}

TEST_CASE("atoms of different dimensions, none and such that are not finite are refused", "[irl]") {
  const Matrix three = Matrix::Zero(2, 3);
  const Matrix four = Matrix::Zero(2, 4);
  const Matrix none(0, 3);
  const Matrix broken = Matrix::Constant(2, 2, std::nanf(""));
  CHECK_THROWS_WITH(ground_cost(GroundCost::kEuclidean, three, four),
                    ContainsSubstring("want atoms of one dimension, found 3 and 4"));
  CHECK_THROWS_WITH(atom_standardiser(none).size(), ContainsSubstring("want at least one, found none"));
  CHECK_THROWS_WITH(atom_standardiser(broken).size(), ContainsSubstring("found NaN or infinity"));
}

}  // namespace understudy
