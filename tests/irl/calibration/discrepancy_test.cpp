#include "irl/calibration/discrepancy.h"

#include <cmath>

#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

DiscrepancyConfig weighted(std::initializer_list<double> weights) {
  DiscrepancyConfig config;
  config.weights.resize(static_cast<Eigen::Index>(weights.size()));
  std::copy(weights.begin(), weights.end(), config.weights.begin());
  return config;
}

TEST_CASE("a constant difference passes the filter and costs w1 |W d| + w2 (W d)^2 per step and entry",
          "[irl]") {
  Matrix a = Matrix::Random(40, 2), b = a;
  b.col(0).array() += 0.5F;
  b.col(1).array() -= 0.25F;
  // Weights 2 and 4: |W d| = 1 in both entries: 0.5 * 1 + 1 * 1.
  CHECK(discrepancy(a, b, weighted({2, 4})) == Approx(1.5).epsilon(1e-5));
  // An entry that weighs nothing does not count in the mean either.
  CHECK(discrepancy(a, b, weighted({2, 0})) == Approx(1.5).epsilon(1e-5));
  CHECK(discrepancy(a, a, weighted({2, 4})) == 0);
}

TEST_CASE("the longer of two episodes is cut to the shorter, and a long one is no worse than a short one",
          "[irl]") {
  Matrix shorter = Matrix::Zero(30, 1), longer = Matrix::Zero(80, 1);
  shorter.array() += 1.0F;
  const double cut = discrepancy(longer, shorter, weighted({1}));
  CHECK(cut == Approx(discrepancy(longer.topRows(30), shorter, weighted({1}))));
  CHECK(cut == Approx(discrepancy(longer, Matrix::Ones(80, 1), weighted({1}))).epsilon(1e-6));
  CHECK_THROWS_WITH(discrepancy(longer, Matrix::Ones(80, 2), weighted({1})), ContainsSubstring("1 entries"));
}

// Weights of sigma = 1 cut at 4: k_i = exp(-i^2 / 2) / (1 + 2 (e^-0.5 + e^-2 + e^-4.5 + e^-8)), the denominator being
// 2.5066265: k_0 = 0.398942, k_1 = 0.241970, k_2 = 0.053991.
TEST_CASE("the filter spreads an impulse as a normal distribution, mirrored at the ends", "[irl]") {
  Eigen::MatrixXd series = Eigen::MatrixXd::Zero(12, 2);
  series(6, 0) = 1;
  series(0, 1) = 1;
  const Eigen::MatrixXd filtered = gaussian_filtered(series, 1, 4);
  CHECK(filtered(6, 0) == Approx(0.398942).epsilon(1e-5));
  CHECK(filtered(5, 0) == Approx(0.241970).epsilon(1e-5));
  CHECK(filtered(8, 0) == Approx(0.053991).epsilon(1e-5));
  CHECK(filtered(1, 0) == 0);  // beyond four deviations
  // ... x_1 x_0 | x_0 x_1 ...: the first step is there twice.
  CHECK(filtered(0, 1) == Approx(0.398942 + 0.241970).epsilon(1e-5));
  CHECK(filtered(1, 1) == Approx(0.241970 + 0.053991).epsilon(1e-5));
  CHECK(gaussian_filtered(series, 0, 4) == series);
  // A filter that is wider than the series keeps its sum.
  CHECK(gaussian_filtered(series.topRows(7), 5, 4).col(0).sum() == Approx(1));
}

TEST_CASE("a lag of one step costs less filtered than not", "[irl]") {
  Matrix a(60, 1), b(60, 1);
  for (int t = 0; t < 60; ++t) {
    a(t, 0) = t >= 30 ? 1.0F : 0.0F;
    b(t, 0) = t >= 31 ? 1.0F : 0.0F;
  }
  DiscrepancyConfig config = weighted({1});
  const double filtered = discrepancy(a, b, config);
  config.sigma = 0;
  CHECK(filtered < 0.6 * discrepancy(a, b, config));
}

TEST_CASE("weights are one over the deviation, and 0 of what does not move", "[irl]") {
  Episode episode;
  episode.observations.resize(4, 3);
  episode.observations << 0, 5, 1e-3F, 2, 5, -1e-3F, 0, 5, 1e-3F, 2, 5, -1e-3F;
  const Eigen::VectorXd weights = deviation_weights({episode, episode});
  CHECK(weights[0] == Approx(1));
  CHECK(weights[1] == 0);
  CHECK(weights[2] == Approx(1e3));
  CHECK_THROWS_WITH(deviation_weights({}), ContainsSubstring("at least one real episode"));
}

}  // namespace
}  // namespace understudy::tests
