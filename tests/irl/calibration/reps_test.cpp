#include "irl/calibration/reps.h"

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

/// Quantiles of N(0, 1) at the middles of `count` intervals of the same probability, by bisection.
Eigen::MatrixXd standard_normal_quantiles(int count) {
  Eigen::MatrixXd points(count, 1);
  for (int i = 0; i < count; ++i) {
    const double p = (i + 0.5) / count;
    double low = -10, high = 10;
    for (int k = 0; k < 60; ++k) {
      const double middle = 0.5 * (low + high);
      (0.5 * std::erfc(-middle / std::numbers::sqrt2) < p ? low : high) = middle;
    }
    points(i, 0) = 0.5 * (low + high);
  }
  return points;
}

Eigen::VectorXd cost(const Eigen::MatrixXd& points) {
  return 0.5 * (points.col(0).array() - 3).square();
}

const Gaussian kStandard{Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Identity(1, 1)};

// Prior N(0, 1), cost (x - 3)^2 / 2, epsilon 1: the posterior is N(3 / (1 + eta), eta / (1 + eta)), whose KL divergence
// from the prior, (s^2 + m^2 - 1 - log s^2) / 2, is 1 at eta = 1.205981, found by bisection: mean 1.359939, variance
// 0.546687, expected cost (s^2 + (m - 3)^2) / 2 = 1.618244.
TEST_CASE("the REPS update of a normal distribution under a quadratic cost is the closed form", "[irl]") {
  const Eigen::MatrixXd points = standard_normal_quantiles(20000);
  const RepsWeights reps = reps_weights(cost(points), 1);
  const Gaussian after = weighted_gaussian(points, reps.weights, kStandard, 0);
  CHECK(reps.eta == Approx(1.205981).epsilon(2e-3));
  CHECK(after.mean[0] == Approx(1.359939).epsilon(1e-3));
  CHECK(after.covariance(0, 0) == Approx(0.546687).epsilon(2e-3));
  CHECK(-reps.dual == Approx(1.618244).epsilon(1e-3));
  CHECK(reps.weights.dot(cost(points)) == Approx(-reps.dual).epsilon(1e-9));
  CHECK(gaussian_kl(after, kStandard) == Approx(1.0).epsilon(5e-3));
}

// The weights of 5000 draws are worth some 1200 even ones, so that a variance is off by 4 % in the middle: ten seeds.
TEST_CASE("draws of 5000 come within 3 % of that on average", "[irl]") {
  double eta = 0, mean = 0, variance = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Rng rng(seed);
    Eigen::MatrixXd points(5000, 1);
    for (double& x : points.reshaped()) x = rng.normal();
    const RepsWeights reps = reps_weights(cost(points), 1);
    const Gaussian after = weighted_gaussian(points, reps.weights, kStandard);
    CHECK(reps.effective > 800);
    eta += reps.eta / 10;
    mean += after.mean[0] / 10;
    variance += after.covariance(0, 0) / 10;
  }
  CHECK(eta == Approx(1.205981).epsilon(0.03));
  CHECK(mean == Approx(1.359939).epsilon(0.03));
  CHECK(variance == Approx(0.546687).epsilon(0.03));
}

TEST_CASE("the weights are as far from even ones as the bound, whatever the costs' unit and origin",
          "[irl]") {
  Rng rng(11);
  Eigen::VectorXd costs(300);
  for (double& c : costs) c = std::exp(2 * rng.normal());
  for (const double epsilon : {0.01, 0.3, 1.0, 3.0}) {
    CAPTURE(epsilon);
    const RepsWeights reps = reps_weights(costs, epsilon);
    CHECK(reps.kl == Approx(epsilon).margin(1e-9));
    CHECK((reps.weights.array() * (300 * reps.weights.array()).log()).sum() == Approx(epsilon).margin(1e-9));
    const RepsWeights scaled = reps_weights(1e-5 * costs.array() + 7.0, epsilon);
    CHECK((scaled.weights - reps.weights).cwiseAbs().maxCoeff() < 1e-6);
    // The temperature is a minimum of the dual.
    const auto dual = [&](double eta) {
      return eta * epsilon + eta * std::log((-costs.array() / eta).exp().mean());
    };
    CHECK(dual(reps.eta) <= dual(reps.eta * 1.01));
    CHECK(dual(reps.eta) <= dual(reps.eta * 0.99));
    CHECK(dual(reps.eta) == Approx(reps.dual).margin(1e-9));
  }
}

TEST_CASE("costs that are all alike leave even weights, and one far better than all others takes them",
          "[irl]") {
  const RepsWeights alike = reps_weights(Eigen::VectorXd::Constant(10, 2.5), 1);
  CHECK((alike.weights.array() - 0.1).abs().maxCoeff() < 1e-12);
  CHECK(alike.kl < 1e-12);
  Eigen::VectorXd costs = Eigen::VectorXd::Constant(10, 1e6);
  costs[3] = 0;
  CHECK(reps_weights(costs, 20).weights[3] > 0.999);  // log 10 is all there can be
  costs[0] = std::nan("");
  CHECK_THROWS_WITH(reps_weights(costs, 1), ContainsSubstring("all finite"));
  CHECK_THROWS_WITH(reps_weights(Eigen::VectorXd::Ones(3), 0), ContainsSubstring("KL bound above 0"));
}

TEST_CASE("the KL divergence of normal distributions is that of the textbook", "[irl]") {
  // Diagonal: 1/2 sum (s_p^2 / s_q^2 + (m_q - m_p)^2 / s_q^2 - 1 + log s_q^2 / s_p^2)
  //   = 1/2 ((1/4 + 1/4 - 1 + log 4) + (9 + 0 - 1 + log 1/9)) = 1/2 (7.5 + log 4/9).
  Gaussian p{Eigen::Vector2d(1, 5), Eigen::Vector2d(1, 9).asDiagonal()};
  Gaussian q{Eigen::Vector2d(2, 5), Eigen::Vector2d(4, 1).asDiagonal()};
  CHECK(gaussian_kl(p, q) == Approx(0.5 * (7.5 + std::log(4.0 / 9))).epsilon(1e-12));
  CHECK(gaussian_kl(p, p) == Approx(0).margin(1e-12));
  // Turning both changes nothing.
  const Eigen::Matrix2d turn = Eigen::Rotation2Dd(0.7).toRotationMatrix();
  const Gaussian turned_p{turn * p.mean, turn * p.covariance * turn.transpose()};
  const Gaussian turned_q{turn * q.mean, turn * q.covariance * turn.transpose()};
  CHECK(gaussian_kl(turned_p, turned_q) == Approx(gaussian_kl(p, q)).epsilon(1e-12));
}

}  // namespace
}  // namespace understudy::tests
