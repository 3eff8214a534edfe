// The exact and the greedy coupling: known answers, the dual's proof of optimality, and
// the order of their costs.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "datasets/types/error.h"
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/greedy_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "tests/support/catch.h"
#include "tests/support/measures.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;
namespace {

/// The smallest mean cost over all n! matchings.
double best_matching(const CostMatrix& cost) {
  std::vector<int> order(static_cast<std::size_t>(cost.rows()));
  std::iota(order.begin(), order.end(), 0);
  double best = 1e300;
  do {
    double total = 0;
    for (int r = 0; r < cost.rows(); ++r) total += cost(r, order[static_cast<std::size_t>(r)]);
    best = std::min(best, total / static_cast<double>(cost.rows()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

/// Marginals, dual feasibility, complementary slackness and equal values: together
/// they prove the plan optimal.
void check_optimal(const ExactCoupling& coupling, const CostMatrix& cost, const Weights& rows,
                   const Weights& columns) {
  const double tolerance = 1e-10 * std::max(1e-3, cost.cwiseAbs().maxCoeff());
  const CostMatrix plan = dense(coupling.plan, cost.rows(), cost.cols());
  CHECK(static_cast<Eigen::Index>(coupling.plan.size()) < cost.rows() + cost.cols());
  CHECK((plan.rowwise().sum() - rows).cwiseAbs().maxCoeff() < 1e-11);
  CHECK((plan.colwise().sum().transpose() - columns).cwiseAbs().maxCoeff() < 1e-11);
  const CostMatrix slack =
      (cost.colwise() - coupling.row_potential).rowwise() - coupling.column_potential.transpose();
  CHECK(slack.minCoeff() >= -tolerance);
  double worst = 0;
  for (const PlanEntry& entry : coupling.plan) {
    CHECK(entry.mass > 0);
    worst = std::max(worst, std::abs(slack(entry.row, entry.column)));
  }
  CHECK(worst <= tolerance);
  CHECK(std::abs(rows.dot(coupling.row_potential) + columns.dot(coupling.column_potential) - coupling.cost) <=
        tolerance);
}

struct KnownAnswer {
  Matrix agent;
  Matrix expert;
  std::vector<double> greedy;  ///< per step
  double exact;
};

/// By hand, on the line with |x - y|: the first is PWIL's own example of a greedy choice that is regretted.
std::vector<KnownAnswer> known_answers() {
  const double third = 1.0 / 3;
  return {{on_line({0, 1}), on_line({1, -2}), {0.5, 1.5}, 1.0},
          {on_line({1, 0}), on_line({1, -2}), {0, 1}, 1.0},
          {on_line({0, 1, 2}), on_line({0.9F, 1.8F, 5}), {0.3, 0.8 * third, 1.0}, 4.7 * third},
          {on_line({0, 0, 0}), on_line({1, 2, 3}), {third, 2 * third, 1}, 2.0},
          {on_line({0, 0.5F, 1}), on_line({0, 1}), {0, 0.5 * third, 0}, 0.5 * third}};
}

}  // namespace

TEST_CASE("greedy and exact couplings of five small measures cost what arithmetic says", "[irl]") {
  for (const KnownAnswer& known : known_answers()) {
    const CostMatrix cost = ground_cost(GroundCost::kEuclidean, known.agent, known.expert);
    const Weights rows = uniform_weights(cost.rows());
    const Weights columns = uniform_weights(cost.cols());
    const GreedyCoupling greedy = greedy_coupling(cost, rows, columns);
    REQUIRE(greedy.row_costs.size() == static_cast<Eigen::Index>(known.greedy.size()));
    for (std::size_t i = 0; i < known.greedy.size(); ++i) {
      CHECK(std::abs(greedy.row_costs(static_cast<Eigen::Index>(i)) - known.greedy[i]) < 1e-7);
    }
    const ExactCoupling exact = exact_coupling(cost, rows, columns);
    CHECK(exact.cost == Approx(known.exact).epsilon(1e-7));
    check_optimal(exact, cost, rows, columns);
  }
}

TEST_CASE("the exact coupling of five atoms each is the best of all 120 matchings", "[irl]") {
  Rng rng(3);
  for (int instance = 0; instance < 200; ++instance) {
    CAPTURE(instance);
    const CostMatrix cost =
        ground_cost(GroundCost::kEuclidean, random_matrix(5, 3, rng), random_matrix(5, 3, rng));
    const ExactCoupling exact = exact_coupling(cost, uniform_weights(5), uniform_weights(5));
    CHECK(exact.cost == Approx(best_matching(cost)).epsilon(1e-12));
    CHECK(exact.plan.size() == 5);
  }
}

TEST_CASE("a greedy coupling never costs less than the exact one, and often more", "[irl]") {
  Rng rng(4);
  int dearer = 0;
  for (int instance = 0; instance < 1000; ++instance) {
    CAPTURE(instance);
    const int rows = 1 + static_cast<int>(rng.below(8));
    const int columns = 1 + static_cast<int>(rng.below(8));
    const CostMatrix cost =
        ground_cost(GroundCost::kEuclidean, random_matrix(rows, 2, rng), random_matrix(columns, 2, rng));
    const bool uniform = rng.below(2) == 0;
    const Weights a = uniform ? uniform_weights(rows) : random_weights(rows, rng);
    const Weights b = uniform ? uniform_weights(columns) : random_weights(columns, rng);
    const GreedyCoupling greedy = greedy_coupling(cost, a, b);
    const ExactCoupling exact = exact_coupling(cost, a, b);
    CHECK(greedy.cost >= exact.cost - 1e-12);
    dearer += greedy.cost > exact.cost + 1e-9 ? 1 : 0;
    const CostMatrix plan = dense(greedy.plan, rows, columns);
    CHECK((plan.rowwise().sum() - a).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((plan.colwise().sum().transpose() - b).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(plan.cwiseProduct(cost).sum() == Approx(greedy.cost).epsilon(1e-12));
  }
  CHECK(dearer > 500);
}

TEST_CASE("the dual potentials prove the exact coupling optimal, whatever shapes and weights", "[irl]") {
  Rng rng(GENERATE(5U, 6U, 7U));
  for (const auto& [rows, columns] :
       {std::pair{1, 1}, {1, 9}, {9, 1}, {40, 40}, {60, 35}, {7, 300}, {300, 7}}) {
    CAPTURE(rows, columns);
    const CostMatrix cost = ground_cost(GroundCost::kSquaredEuclidean, random_matrix(rows, 4, rng),
                                        random_matrix(columns, 4, rng));
    for (const bool uniform : {true, false}) {
      const Weights a = uniform ? uniform_weights(rows) : random_weights(rows, rng);
      const Weights b = uniform ? uniform_weights(columns) : random_weights(columns, rng);
      check_optimal(exact_coupling(cost, a, b), cost, a, b);
    }
  }
}

TEST_CASE("ties, equal atoms and equal costs neither cycle nor spoil the optimum", "[irl]") {
  Rng rng(8);
  // Atoms on a grid of 3 x 3 points: nearly every pivot is degenerate.
  Matrix x(90, 2);
  Matrix y(90, 2);
  for (Matrix* atoms : {&x, &y}) {
    for (Eigen::Index i = 0; i < atoms->size(); ++i) atoms->data()[i] = static_cast<float>(rng.below(3));
  }
  for (const GroundCost kind : {GroundCost::kEuclidean, GroundCost::kSquaredEuclidean}) {
    const CostMatrix cost = ground_cost(kind, x, y);
    check_optimal(exact_coupling(cost, uniform_weights(90), uniform_weights(90)), cost, uniform_weights(90),
                  uniform_weights(90));
  }
  for (const double level : {0.0, 1.0, -2.0}) {
    const CostMatrix flat = CostMatrix::Constant(20, 30, level);
    const ExactCoupling coupling = exact_coupling(flat, uniform_weights(20), uniform_weights(30));
    CHECK(coupling.cost == Approx(level));
    check_optimal(coupling, flat, uniform_weights(20), uniform_weights(30));
  }
}

TEST_CASE("atoms without mass get none, and their potentials keep the proof", "[irl]") {
  Rng rng(9);
  const CostMatrix cost =
      ground_cost(GroundCost::kEuclidean, random_matrix(12, 2, rng), random_matrix(10, 2, rng));
  Weights a = random_weights(12, rng);
  Weights b = random_weights(10, rng);
  a(0) = a(5) = 0;
  b(9) = 0;
  a /= a.sum();
  b /= b.sum();
  const ExactCoupling coupling = exact_coupling(cost, a, b);
  check_optimal(coupling, cost, a, b);
  for (const PlanEntry& entry : coupling.plan) CHECK((entry.row != 0 && entry.row != 5 && entry.column != 9));
}

TEST_CASE("W1 is zero to itself, the shift for a translation, and obeys the triangle inequality", "[irl]") {
  Rng rng(10);
  const Matrix x = random_matrix(60, 5, rng);
  const Matrix y = random_matrix(45, 5, rng);
  const Matrix z = random_matrix(50, 5, rng);
  const auto w1 = [](const Matrix& p, const Matrix& q) {
    return exact_coupling(ground_cost(GroundCost::kEuclidean, p, q), uniform_weights(p.rows()),
                          uniform_weights(q.rows()))
        .cost;
  };
  CHECK(w1(x, x) == 0.0);
  Eigen::RowVectorXf shift(5);
  shift << 3, 0, 4, 0, 0;
  const Matrix shifted = x.rowwise() + shift;
  CHECK(w1(x, shifted) == Approx(5.0).epsilon(1e-6));
  CHECK(w1(x, y) == Approx(w1(y, x)).epsilon(1e-10));
  CHECK(w1(x, z) <= w1(x, y) + w1(y, z));
}

TEST_CASE("a thousand by a thousand atoms are coupled exactly in few pivots", "[irl]") {
  Rng rng(11);
  const int n = 1000;
  const CostMatrix cost =
      ground_cost(GroundCost::kEuclidean, random_matrix(n, 23, rng), random_matrix(n, 23, rng));
  const ExactCoupling coupling = exact_coupling(cost, uniform_weights(n), uniform_weights(n));
  check_optimal(coupling, cost, uniform_weights(n), uniform_weights(n));
  CHECK(coupling.plan.size() == 1000);
  // Seen: about 15 a node. A search that picked poor arcs would need hundreds.
  CHECK(coupling.pivots < 60 * 2 * n);
}

TEST_CASE("a coupling in the making says how far it is, and ends by what is thrown then", "[irl]") {
  Rng rng(9);
  const int n = 400;
  const CostMatrix cost =
      ground_cost(GroundCost::kEuclidean, random_matrix(n, 5, rng), random_matrix(n, 5, rng));
  std::vector<std::int64_t> told;
  const ExactCoupling coupling = exact_coupling(cost, uniform_weights(n), uniform_weights(n),
                                                [&](std::int64_t pivots) { told.push_back(pivots); });
  REQUIRE(!told.empty());
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() <= coupling.pivots);
  CHECK(coupling.cost == exact_coupling(cost, uniform_weights(n), uniform_weights(n)).cost);
  CHECK_THROWS_WITH(exact_coupling(cost, uniform_weights(n), uniform_weights(n),
                                   [](std::int64_t) { throw Error("enough"); }),
                    "enough");
}

TEST_CASE("measures that are none are refused with place and number", "[irl]") {
  const CostMatrix cost = CostMatrix::Ones(2, 3);
  const Weights two = uniform_weights(2);
  const Weights three = uniform_weights(3);
  const Weights ones = Weights::Ones(3);
  Weights negative(2);
  negative << 1.5, -0.5;
  CHECK_THROWS_WITH(exact_coupling(cost, three, three),
                    ContainsSubstring("exact coupling: want one weight for each of 2 rows, found 3"));
  CHECK_THROWS_WITH(exact_coupling(cost, two, ones), ContainsSubstring("columns that sum to 1, found 3"));
  CHECK_THROWS_WITH(greedy_coupling(cost, negative, three),
                    ContainsSubstring("greedy coupling: want weights of rows"));
  CostMatrix broken = cost;
  broken(1, 2) = std::nan("");
  CHECK_THROWS_WITH(exact_coupling(broken, two, three), ContainsSubstring("NaN or infinity in row 1"));
  const CostMatrix none(0, 3);
  const Weights nothing(0);
  CHECK_THROWS_WITH(exact_coupling(none, nothing, three), ContainsSubstring("want atoms on both sides"));
}

}  // namespace understudy
