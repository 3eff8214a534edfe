#include "irl/calibration/mixture_density.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>

#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

// A simulator that is linear with normal noise: x = A xi + N(0, R). With the prior N(m, S) the posterior is normal too,
// with precision S^-1 + A' R^-1 A.
const Eigen::Matrix2d kA{{1, 0.5}, {-0.3, 2}};
const Eigen::Matrix2d kNoise{{0.3, 0.1}, {0.1, 0.4}};
const Eigen::Vector2d kSeen(0.8, -0.5);

Gaussian closed_form(const Gaussian& prior) {
  const Eigen::Matrix2d precision = prior.covariance.inverse() + kA.transpose() * kNoise.inverse() * kA;
  const Eigen::Matrix2d covariance = precision.inverse();
  return {covariance * (prior.covariance.inverse() * prior.mean + kA.transpose() * kNoise.inverse() * kSeen),
          covariance};
}

struct Simulations {
  Eigen::MatrixXd features, parameters;
};

Simulations simulate(const Gaussian& from, int count, std::uint64_t seed) {
  Rng rng(seed);
  const Eigen::Matrix2d noise = kNoise.llt().matrixL(), spread = from.covariance.llt().matrixL();
  Simulations all{Eigen::MatrixXd(count, 2), Eigen::MatrixXd(count, 2)};
  for (int i = 0; i < count; ++i) {
    const Eigen::Vector2d u(rng.normal(), rng.normal()), v(rng.normal(), rng.normal());
    const Eigen::Vector2d xi = from.mean + spread * u;
    all.parameters.row(i) = xi.transpose();
    all.features.row(i) = (kA * xi + noise * v).transpose();
  }
  return all;
}

/// Within `share` of the closed form: means in its deviations, variances of themselves.
void check_like(const Gaussian& found, const Gaussian& wanted, double share) {
  for (int i = 0; i < 2; ++i) {
    CAPTURE(i, found.mean[i], wanted.mean[i], found.covariance(i, i), wanted.covariance(i, i));
    CHECK(std::abs(found.mean[i] - wanted.mean[i]) < share * std::sqrt(wanted.covariance(i, i)));
    CHECK(std::abs(found.covariance(i, i) / wanted.covariance(i, i) - 1) < share);
  }
}

const Gaussian kPrior{Eigen::Vector2d(0.5, -0.5), Eigen::Matrix2d{{1, 0.2}, {0.2, 0.5}}};

TEST_CASE("a mixture density network finds the posterior of a linear normal simulator within 5 %", "[irl]") {
  const Simulations all = simulate(kPrior, 20000, 1);
  MixtureDensityConfig config;
  config.components = 1;
  config.epochs = 40;
  const MixtureDensityNetwork network(all.features, all.parameters, config);
  check_like(moments(network.posterior(kSeen)), closed_form(kPrior), 0.05);
}

TEST_CASE("simulated from a proposal, the posterior is corrected to the prior's", "[irl]") {
  const Gaussian proposal{Eigen::Vector2d(0.9, -0.1), Eigen::Matrix2d{{0.8, 0}, {0, 0.4}}};
  // Exactly, with the closed form in the network's place.
  const auto exact = corrected({{1.0}, {closed_form(proposal)}}, proposal, kPrior);
  REQUIRE(exact);
  const Gaussian found = moments(*exact), wanted = closed_form(kPrior);
  CHECK((found.mean - wanted.mean).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((found.covariance - wanted.covariance).cwiseAbs().maxCoeff() < 1e-12);
  // A posterior wider than what was simulated from has no quotient.
  CHECK_FALSE(corrected({{1.0}, {{kPrior.mean, 2 * proposal.covariance}}}, proposal,
                        {kPrior.mean, 100 * Eigen::MatrixXd::Identity(2, 2)}));
  // Of two components each keeps its share of q prior / proposal, here by sums over a grid.
  const GaussianMixture two{{0.3, 0.7},
                            {{Eigen::Vector2d(0, 0), 0.05 * Eigen::Matrix2d::Identity()},
                             {Eigen::Vector2d(1, -1), 0.08 * Eigen::Matrix2d::Identity()}}};
  const auto after = corrected(two, proposal, kPrior);
  REQUIRE(after);
  const GaussianMixture of_prior{{1.0}, {kPrior}}, of_proposal{{1.0}, {proposal}};
  double mass = 0, mean = 0;
  for (double x = -2; x <= 3; x += 0.05) {
    for (double y = -3; y <= 2; y += 0.05) {
      const Eigen::Vector2d point(x, y);
      const double density =
          std::exp(log_density(two, point) + log_density(of_prior, point) - log_density(of_proposal, point));
      mass += density;
      mean += density * x;
    }
  }
  CHECK(moments(*after).mean[0] == Approx(mean / mass).epsilon(1e-6));
}

TEST_CASE("the gradient of the mixture's loss is that of finite differences", "[irl]") {
  Rng rng(5);
  constexpr int kComponents = 2, kParameters = 3, kEach = 1 + 2 * 3 + 3;
  Matrix outputs(4, kComponents * kEach), targets(4, kParameters), gradient(4, kComponents * kEach);
  for (float& value : outputs.reshaped()) value = static_cast<float>(0.5 * rng.normal());
  for (float& value : targets.reshaped()) value = static_cast<float>(rng.normal());
  mixture_loss(outputs, targets, kComponents, gradient);
  Matrix unused = gradient;
  constexpr float kStep = 1e-2F;
  for (Eigen::Index row = 0; row < outputs.rows(); ++row) {
    for (Eigen::Index i = 0; i < outputs.cols(); ++i) {
      Matrix up = outputs, down = outputs;
      up(row, i) += kStep;
      down(row, i) -= kStep;
      const double slope = (mixture_loss(up, targets, kComponents, unused) -
                            mixture_loss(down, targets, kComponents, unused)) /
                           (static_cast<double>(up(row, i)) - static_cast<double>(down(row, i)));
      CAPTURE(row, i);
      CHECK(gradient(row, i) == Approx(slope).margin(2e-3 + 2e-3 * std::abs(slope)));
    }
  }
}

TEST_CASE("a network that is stopped, too few simulations, and ones that are not finite are told", "[irl]") {
  const Simulations all = simulate(kPrior, 600, 2);
  int epochs = 0;
  const MixtureDensityNetwork stopped(all.features, all.parameters, {},
                                      [&](int epoch, double) { return (epochs = epoch) < 3; });
  CHECK(epochs == 3);
  CHECK(std::isfinite(stopped.held_out_loss()));
  CHECK_THROWS_WITH(MixtureDensityNetwork(all.features.topRows(200), all.parameters.topRows(200), {}),
                    ContainsSubstring("found 200"));
  Eigen::MatrixXd broken = all.features;
  broken(7, 1) = std::nan("");
  CHECK_THROWS_WITH(MixtureDensityNetwork(broken, all.parameters, {}), ContainsSubstring("finite"));
}

}  // namespace
}  // namespace understudy::tests
