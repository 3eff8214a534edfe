#include "irl/calibration/cma_es.h"

#include <cmath>

#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

/// sum_i 1e6^(i / 7) x_i^2, whose axes differ by a factor of a thousand.
double ellipsoid(const Eigen::VectorXd& x) {
  double sum = 0;
  for (Eigen::Index i = 0; i < x.size(); ++i)
    sum += std::pow(1e6, static_cast<double>(i) / static_cast<double>(x.size() - 1)) * x[i] * x[i];
  return sum;
}

Eigen::VectorXd costs_of(const Eigen::MatrixXd& points) {
  Eigen::VectorXd costs(points.rows());
  for (Eigen::Index k = 0; k < points.rows(); ++k) costs[k] = ellipsoid(points.row(k).transpose());
  return costs;
}

TEST_CASE("CMA-ES takes fewer than 4000 evaluations to 1e-10 on an ellipsoid of 8 numbers", "[irl]") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4, 5);
  CAPTURE(seed);
  Rng rng(seed);
  CmaEs search(Eigen::VectorXd::Ones(8), 0.5);
  CHECK(search.population() == 10);  // 4 + floor(3 log 8)
  int evaluations = 0;
  double least = 1e300;
  while (least > 1e-10 && evaluations < 4000) {
    const Eigen::MatrixXd points = search.ask(rng);
    const Eigen::VectorXd costs = costs_of(points);
    search.tell(points, costs);
    least = std::min(least, costs.minCoeff());
    evaluations += search.population();
  }
  CHECK(least <= 1e-10);
  CHECK(evaluations < 4000);
}

TEST_CASE("the covariance of CMA-ES takes the shape of the function's inverse Hessian", "[irl]") {
  // x^2 + 100 y^2: C tends to a multiple of diag(1, 1/100).
  Rng rng(3);
  CmaEs search(Eigen::Vector2d(3, 3), 1, 12);
  for (int i = 0; i < 60; ++i) {
    const Eigen::MatrixXd points = search.ask(rng);
    search.tell(points, points.col(0).array().square() + 100 * points.col(1).array().square());
  }
  const Eigen::MatrixXd& c = search.state().covariance;
  CHECK(c(0, 0) / c(1, 1) > 30);
  CHECK(c(0, 0) / c(1, 1) < 300);
}

TEST_CASE("CMA-ES goes on from a state as it would have, and takes what is not finite for the worst",
          "[irl]") {
  Rng rng(7);
  CmaEs whole(Eigen::VectorXd::Ones(3), 0.5);
  for (int i = 0; i < 5; ++i) {
    const Eigen::MatrixXd points = whole.ask(rng);
    whole.tell(points, costs_of(points));
  }
  CmaEs resumed(Eigen::VectorXd::Zero(3), 2);
  resumed.restore(whole.state());
  Rng a(8), b(8);
  const Eigen::MatrixXd points = whole.ask(a);
  CHECK(points == resumed.ask(b));
  Eigen::VectorXd costs = costs_of(points), broken = costs;
  Eigen::Index worst = 0;
  costs.maxCoeff(&worst);
  broken[worst] = std::nan("");
  whole.tell(points, costs);
  resumed.tell(points, broken);
  CHECK(whole.state().mean == resumed.state().mean);
  CHECK(whole.state().covariance == resumed.state().covariance);
  CHECK_THROWS_WITH(resumed.restore(CmaEs(Eigen::VectorXd::Ones(2), 1).state()),
                    ContainsSubstring("want a state of 3 numbers, found 2"));
  CHECK_THROWS_WITH(CmaEs(Eigen::VectorXd::Ones(2), 1, 3), ContainsSubstring("at least 4, found 3"));
}

}  // namespace
}  // namespace understudy::tests
