#include <cmath>

#include "datasets/types/error.h"
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "irl/couplings/sliced_wasserstein.h"
#include "tests/support/catch.h"
#include "tests/support/measures.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;

TEST_CASE("on a line, pairing sorted masses costs what the exact coupling does", "[irl]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  const auto& [rows, columns] = GENERATE(std::pair{20, 20}, std::pair{20, 33}, std::pair{1, 7});
  const Matrix x = random_matrix(rows, 1, rng);
  const Matrix y = random_matrix(columns, 1, rng);
  for (const bool uniform : {true, false}) {
    const Weights a = uniform ? uniform_weights(rows) : random_weights(rows, rng);
    const Weights b = uniform ? uniform_weights(columns) : random_weights(columns, rng);
    for (const double power : {1.0, 1.5, 2.0, 3.0}) {
      CAPTURE(uniform, power);
      const CostMatrix cost = ground_cost(GroundCost::kEuclidean, x, y).array().pow(power);
      CHECK(line_wasserstein_power(x.col(0).cast<double>(), a, y.col(0).cast<double>(), b, power) ==
            Approx(exact_coupling(cost, a, b).cost).epsilon(1e-9));
    }
  }
}

TEST_CASE("a translation by m has a sliced W2 squared of |m|^2 / d", "[irl]") {
  Rng rng(4);
  const int dim = 4;
  const Matrix x = random_matrix(100, dim, rng);
  Matrix shift(1, dim);
  shift << 1, -2, 3, 0.5F;
  const double want = 14.25 / dim;
  const SlicedDistance distance =
      sliced_wasserstein(x, Matrix(x.rowwise() + shift.row(0)), {.directions = 4000}, rng);
  // Along theta the distance is |theta.m| exactly; what is left is the error of the mean over directions.
  CHECK(std::abs(distance.mean_power - want) < 4 * distance.standard_error);
  CHECK(distance.standard_error < 0.02 * want);
  CHECK(distance.value == Approx(std::sqrt(distance.mean_power)));
}

TEST_CASE("two Gaussians of unit variance have a sliced W2 squared of |m|^2 / d", "[irl]") {
  Rng rng(5);
  const int dim = 3;
  const Matrix x = random_matrix(4000, dim, rng);
  Matrix y = random_matrix(5000, dim, rng);  // another count: quantiles instead of pairs
  y.col(0).array() += 2;
  const SlicedDistance distance = sliced_wasserstein(x, y, {.directions = 400}, rng);
  // Directions: standard error ~0.06 of 4/3. Finite samples add about 2 log log n / n per side, 0.002.
  CHECK(std::abs(distance.mean_power - 4.0 / 3) < 4 * distance.standard_error + 0.1);
}

TEST_CASE("the sliced distance is 0 to itself, symmetric, at most W_p, and the same for the same seed",
          "[irl]") {
  Rng rng(6);
  const Matrix x = random_matrix(50, 3, rng);
  const Matrix y = random_matrix(70, 3, rng);
  const auto sliced = [](const Matrix& a, const Matrix& b, double power) {
    Rng fresh(7);
    return sliced_wasserstein(a, b, {.directions = 100, .power = power}, fresh).value;
  };
  CHECK(sliced(x, x, 2) == 0.0);
  for (const double power : {1.0, 2.0}) {
    CHECK(sliced(x, y, power) == Approx(sliced(y, x, power)).epsilon(1e-9));
    CHECK(sliced(x, y, power) == sliced(x, y, power));
    // A projection never lengthens a distance.
    const CostMatrix cost = ground_cost(GroundCost::kEuclidean, x, y).array().pow(power);
    const double exact =
        std::pow(exact_coupling(cost, uniform_weights(50), uniform_weights(70)).cost, 1 / power);
    CHECK(sliced(x, y, power) <= exact);
    CHECK(sliced(x, y, power) > 0.05 * exact);
  }
}

TEST_CASE("an atom of double weight is two atoms", "[irl]") {
  Matrix x(3, 2);
  x << 0, 0, 1, 2, 1, 2;
  const Matrix merged = x.topRows(2);
  Weights weights(2);
  weights << 1.0 / 3, 2.0 / 3;
  Matrix y(2, 2);
  y << 3, -1, 0, 4;
  Rng first(8);
  Rng second(8);
  const SlicedConfig config{.directions = 50, .power = 1};
  CHECK(sliced_wasserstein(x, y, config, first).value ==
        Approx(sliced_wasserstein(merged, weights, y, uniform_weights(2), config, second).value));
}

TEST_CASE("sliced distances of nothing, of other dimensions and by no direction are refused", "[irl]") {
  Rng rng(9);
  const Matrix x = random_matrix(5, 2, rng);
  CHECK_THROWS_WITH(sliced_wasserstein(x, random_matrix(5, 3, rng), {}, rng),
                    ContainsSubstring("found 2 and 3"));
  CHECK_THROWS_AS(sliced_wasserstein(x, Matrix(0, 2), {}, rng), Error);
  CHECK_THROWS_WITH(sliced_wasserstein(x, x, {.directions = 0}, rng),
                    ContainsSubstring("at least 1, found 0"));
  CHECK_THROWS_WITH(sliced_wasserstein(x, x, {.power = 0.5}, rng), ContainsSubstring("sliced power"));
}

}  // namespace understudy
