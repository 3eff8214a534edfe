#include "irl/calibration/mixture.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "datasets/types/error.h"

namespace understudy {
namespace {

/// By precision P and P mean; log of exp(-1/2 x'Px + x'Pm)'s integral tells how much of it there is.
struct Natural {
  Eigen::MatrixXd precision;
  Eigen::VectorXd shift;
};

Natural natural(const Gaussian& gaussian) {
  const Eigen::LLT<Eigen::MatrixXd> factor(gaussian.covariance);
  if (factor.info() != Eigen::Success)
    throw Error("mixture: want covariances that are positive definite, found another");
  const auto n = gaussian.mean.size();
  return {factor.solve(Eigen::MatrixXd::Identity(n, n)), factor.solve(gaussian.mean)};
}

double log_determinant(const Eigen::LLT<Eigen::MatrixXd>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

/// log of the integral of exp(-1/2 x'Px + x's), without its constant; -inf when P is no precision.
double log_integral(const Natural& form) {
  const Eigen::LLT<Eigen::MatrixXd> factor(form.precision);
  if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  return 0.5 * form.shift.dot(factor.solve(form.shift)) - 0.5 * log_determinant(factor);
}

double log_sum(const std::vector<double>& logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double value : logs) sum += std::exp(value - most);
  return most + std::log(sum);
}

}  // namespace

double log_density(const GaussianMixture& mixture, const Eigen::VectorXd& point) {
  std::vector<double> logs;
  for (std::size_t k = 0; k < mixture.components.size(); ++k) {
    const Gaussian& component = mixture.components[k];
    const Eigen::LLT<Eigen::MatrixXd> factor(component.covariance);
    const Eigen::VectorXd away = point - component.mean;
    logs.push_back(std::log(mixture.weights[k]) -
                   0.5 * (away.dot(factor.solve(away)) + log_determinant(factor) +
                          static_cast<double>(point.size()) * std::log(2 * std::numbers::pi)));
  }
  return log_sum(logs);
}

Gaussian moments(const GaussianMixture& mixture) {
  Gaussian whole = mixture.components.front();
  whole.mean.setZero();
  whole.covariance.setZero();
  for (std::size_t k = 0; k < mixture.components.size(); ++k)
    whole.mean += mixture.weights[k] * mixture.components[k].mean;
  for (std::size_t k = 0; k < mixture.components.size(); ++k) {
    const Eigen::VectorXd away = mixture.components[k].mean - whole.mean;
    whole.covariance += mixture.weights[k] * (mixture.components[k].covariance + away * away.transpose());
  }
  return whole;
}

Eigen::VectorXd draw(const GaussianMixture& mixture, Rng& rng) {
  double left = rng.uniform();
  std::size_t k = 0;
  while (k + 1 < mixture.components.size() && left >= mixture.weights[k]) left -= mixture.weights[k++];
  const Gaussian& component = mixture.components[k];
  Eigen::VectorXd noise(component.mean.size());
  for (double& entry : noise) entry = rng.normal();
  return component.mean + Eigen::LLT<Eigen::MatrixXd>(component.covariance).matrixL() * noise;
}

std::optional<GaussianMixture> corrected(const GaussianMixture& mixture, const Gaussian& proposal,
                                         const Gaussian& prior) {
  const Natural of_proposal = natural(proposal), of_prior = natural(prior);
  GaussianMixture result;
  std::vector<double> logs;
  for (std::size_t k = 0; k < mixture.components.size(); ++k) {
    const Natural before = natural(mixture.components[k]);
    const Natural after{before.precision + of_prior.precision - of_proposal.precision,
                        before.shift + of_prior.shift - of_proposal.shift};
    const double integral = log_integral(after);
    if (!std::isfinite(integral)) continue;
    logs.push_back(std::log(mixture.weights[k]) - log_integral(before) + integral);
    const Eigen::LLT<Eigen::MatrixXd> factor(after.precision);
    const auto n = after.shift.size();
    result.components.push_back({factor.solve(after.shift), factor.solve(Eigen::MatrixXd::Identity(n, n))});
  }
  if (logs.empty()) return std::nullopt;
  const double all = log_sum(logs);
  for (const double value : logs) result.weights.push_back(std::exp(value - all));
  return result;
}

}  // namespace understudy
