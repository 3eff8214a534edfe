#include "irl/calibration/reps.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kSteps = 200;
constexpr double kLeastKept = 1e-9;   ///< of 1 - sum w^2
constexpr double kTolerance = 1e-12;  ///< of KL - epsilon, and of log eta

/// Everything at one temperature. `costs` begin at 0.
struct Point {
  Eigen::VectorXd weights;
  double log_mean = 0;  ///< log of the mean of exp(-c / eta)
  double kl = 0;
  double slope = 0;  ///< d kl / d log eta = -Var(c) / eta^2
};

Point at(const Eigen::VectorXd& costs, double eta) {
  Point point;
  point.weights = (-costs / eta).array().exp();
  const double sum = point.weights.sum();
  point.weights /= sum;
  point.log_mean = std::log(sum / static_cast<double>(costs.size()));
  const double mean = point.weights.dot(costs);
  point.kl = -mean / eta - point.log_mean;
  point.slope = -point.weights.dot((costs.array() - mean).square().matrix()) / (eta * eta);
  return point;
}

}  // namespace

RepsWeights reps_weights(const Eigen::VectorXd& costs, double epsilon) {
  if (costs.size() < 1 || !costs.allFinite())
    throw Error("REPS: want at least one cost, all finite, found " + std::to_string(costs.size()));
  if (!(epsilon > 0)) throw Error("REPS: want a KL bound above 0, found " + std::to_string(epsilon));
  const double least = costs.minCoeff();
  const Eigen::VectorXd from_zero = costs.array() - least;
  // KL falls with the temperature, from log(N / number of least costs) to 0.
  double low = std::log(std::max(1e-300, kLeastTemperature * from_zero.mean()));
  double high = std::max(low + 1, std::log(std::max(1e-300, from_zero.maxCoeff())));
  while (at(from_zero, std::exp(high)).kl > epsilon) high += 1;
  double log_eta = low;
  if (at(from_zero, std::exp(low)).kl > epsilon) {
    log_eta = 0.5 * (low + high);
    for (int i = 0; i < kSteps && high - low > kTolerance; ++i) {
      const Point point = at(from_zero, std::exp(log_eta));
      const double beyond = point.kl - epsilon;
      if (std::abs(beyond) < kTolerance) break;
      (beyond > 0 ? low : high) = log_eta;
      const double newton = log_eta - beyond / point.slope;
      log_eta = newton > low && newton < high ? newton : 0.5 * (low + high);
    }
  }
  RepsWeights result;
  result.eta = std::exp(log_eta);
  Point point = at(from_zero, result.eta);
  result.kl = std::max(0.0, point.kl);
  result.dual = result.eta * (epsilon + point.log_mean) - least;
  result.effective = 1 / point.weights.squaredNorm();
  result.weights = std::move(point.weights);
  return result;
}

Gaussian weighted_gaussian(const Eigen::MatrixXd& samples, const Eigen::VectorXd& weights,
                           const Gaussian& before, double ridge) {
  Gaussian after;
  after.mean = samples.transpose() * weights;
  const Eigen::MatrixXd centred = samples.rowwise() - after.mean.transpose();
  after.covariance = centred.transpose() * weights.asDiagonal() * centred;
  // Unbiased where weights do not depend on draws: n / (n - 1) of n even ones.
  if (const double kept = 1 - weights.squaredNorm(); kept > kLeastKept) after.covariance /= kept;
  after.covariance.diagonal() += ridge * before.covariance.diagonal();
  return after;
}

double gaussian_kl(const Gaussian& p, const Gaussian& q) {
  const Eigen::LLT<Eigen::MatrixXd> of_p(p.covariance), of_q(q.covariance);
  if (of_p.info() != Eigen::Success || of_q.info() != Eigen::Success)
    throw Error("KL divergence: want covariances that are positive definite, found others");
  const auto log_determinant = [](const Eigen::LLT<Eigen::MatrixXd>& factor) {
    return 2 * factor.matrixLLT().diagonal().array().log().sum();
  };
  const Eigen::VectorXd away = q.mean - p.mean;
  return 0.5 * (of_q.solve(p.covariance).trace() + away.dot(of_q.solve(away)) -
                static_cast<double>(p.mean.size()) + log_determinant(of_q) - log_determinant(of_p));
}

Eigen::MatrixXd correlations(const Eigen::MatrixXd& covariance) {
  const Eigen::VectorXd deviations = covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
  Eigen::MatrixXd result = covariance;
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    for (Eigen::Index j = 0; j < result.cols(); ++j) {
      const double scale = deviations[i] * deviations[j];
      result(i, j) = i == j ? 1 : scale > 0 ? covariance(i, j) / scale : 0;
    }
  }
  return result;
}

}  // namespace understudy
