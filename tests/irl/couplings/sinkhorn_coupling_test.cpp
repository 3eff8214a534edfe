#include <cmath>

#include "datasets/types/error.h"
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "irl/couplings/sinkhorn_coupling.h"
#include "tests/support/catch.h"
#include "tests/support/measures.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;

TEST_CASE("Sinkhorn's plan of two atoms at costs 0 and 1 is the logistic function of 1 / epsilon", "[irl]") {
  CostMatrix cost(2, 2);
  cost << 0, 1, 1, 0;
  // P_00 = 1/2 / (1 + e^(-1 / epsilon)); the cost is what is left, 1 - 2 P_00.
  const auto& [epsilon, want] =
      GENERATE(std::pair{1.0, 0.268941}, std::pair{0.5, 0.119203}, std::pair{0.1, 4.54e-5});
  const SinkhornCoupling coupling =
      sinkhorn_coupling(cost, uniform_weights(2), uniform_weights(2), {.epsilon = epsilon});
  CHECK(coupling.converged);
  CHECK(coupling.cost == Approx(want).epsilon(1e-4));
  CHECK(coupling.plan(0, 0) == Approx(0.5 / (1 + std::exp(-1 / epsilon))).epsilon(1e-12));
}

TEST_CASE("Sinkhorn's cost of three atoms falls to the exact one as epsilon falls", "[irl]") {
  const CostMatrix cost = ground_cost(GroundCost::kEuclidean, on_line({0, 1.5F, 4}), on_line({1, 2, 3}));
  const auto at = [&](double epsilon) {
    return sinkhorn_coupling(cost, uniform_weights(3), uniform_weights(3),
                             {.epsilon = epsilon, .iterations = 100000, .threshold = 1e-9});
  };
  CHECK(exact_coupling(cost, uniform_weights(3), uniform_weights(3)).cost == Approx(0.833333).epsilon(1e-6));
  CHECK(at(1).cost == Approx(1.193310).epsilon(1e-6));
  CHECK(at(0.1).cost == Approx(0.835595).epsilon(1e-6));
  CHECK(at(0.01).cost == Approx(0.833333).epsilon(1e-5));
}

TEST_CASE("Sinkhorn's cost stays above the exact one and comes within epsilon log n of it", "[irl]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  const int rows = 12;
  const int columns = 9;
  const CostMatrix cost =
      ground_cost(GroundCost::kEuclidean, random_matrix(rows, 3, rng), random_matrix(columns, 3, rng));
  const Weights a = random_weights(rows, rng);
  const Weights b = random_weights(columns, rng);
  const double exact = exact_coupling(cost, a, b).cost;
  double before = 1e300;
  for (const double epsilon : {1.0, 0.3, 0.1, 0.03, 0.01}) {
    CAPTURE(epsilon);
    const SinkhornCoupling coupling =
        sinkhorn_coupling(cost, a, b, {.epsilon = epsilon, .iterations = 200000, .threshold = 1e-7});
    CHECK(coupling.converged);
    CHECK(coupling.cost >= exact - 1e-6);
    // The optimum's entropy bonus is worth at most epsilon times the entropy of a x b over that of a plan.
    CHECK(coupling.cost <= exact + epsilon * std::log(rows * columns));
    CHECK(coupling.cost <= before);
    before = coupling.cost;
  }
}

TEST_CASE("the marginals of Sinkhorn's plan are within the error it reports", "[irl]") {
  Rng rng(4);
  const CostMatrix cost =
      ground_cost(GroundCost::kCosine, random_matrix(30, 6, rng), random_matrix(20, 6, rng));
  const Weights a = random_weights(30, rng);
  const Weights b = random_weights(20, rng);
  for (const int iterations : {1, 10, 1000}) {
    const SinkhornCoupling coupling =
        sinkhorn_coupling(cost, a, b, {.epsilon = 0.05, .iterations = iterations, .threshold = 1e-9});
    const double rows_off = (coupling.plan.rowwise().sum() - a).cwiseAbs().sum();
    CHECK(rows_off == Approx(coupling.marginal_error).epsilon(1e-6).margin(1e-12));
    CHECK((coupling.plan.colwise().sum().transpose() - b).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(coupling.iterations <= iterations);
    CHECK(coupling.converged == (iterations == 1000));
    if (coupling.converged) CHECK(coupling.marginal_error <= 1e-9);
  }
}

TEST_CASE("costs a thousand times epsilon neither underflow nor overflow", "[irl]") {
  Rng rng(5);
  CostMatrix cost = ground_cost(GroundCost::kEuclidean, random_matrix(40, 2, rng), random_matrix(40, 2, rng));
  cost *= 10 / cost.maxCoeff();
  const SinkhornCoupling coupling =
      sinkhorn_coupling(cost, uniform_weights(40), uniform_weights(40), {.epsilon = 0.01, .iterations = 500});
  CHECK(coupling.plan.allFinite());
  CHECK(coupling.plan.sum() == Approx(1.0));
  const double exact = exact_coupling(cost, uniform_weights(40), uniform_weights(40)).cost;
  CHECK(coupling.cost == Approx(exact).epsilon(0.05));
}

TEST_CASE("Sinkhorn refuses what it cannot couple", "[irl]") {
  const CostMatrix cost = CostMatrix::Ones(2, 2);
  const Weights even = uniform_weights(2);
  CHECK_THROWS_WITH(sinkhorn_coupling(cost, even, even, {.epsilon = 0}),
                    ContainsSubstring("sinkhorn epsilon: want a number above 0, found 0"));
  CHECK_THROWS_AS(sinkhorn_coupling(cost, even, even, {.iterations = 0}), UsageError);
  Weights lopsided(2);
  lopsided << 1, 0;
  CHECK_THROWS_WITH(sinkhorn_coupling(cost, lopsided, even),
                    ContainsSubstring("leave atoms without mass out"));
}

}  // namespace understudy
