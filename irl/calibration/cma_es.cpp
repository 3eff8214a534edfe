#include "irl/calibration/cma_es.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "datasets/types/error.h"

namespace understudy {

CmaEs::CmaEs(const Eigen::VectorXd& mean, double sigma, int population) {
  const auto n = static_cast<double>(mean.size());
  if (mean.size() < 1 || !mean.allFinite() || !(sigma > 0))
    throw Error("CMA-ES: want a finite point to begin at and a deviation above 0, found " +
                std::to_string(mean.size()) + " numbers and " + std::to_string(sigma));
  population_ = population > 0 ? population : 4 + static_cast<int>(std::floor(3 * std::log(n)));
  if (population_ < 4)
    throw Error("CMA-ES: want a population of at least 4, found " + std::to_string(population_));
  parents_ = population_ / 2;
  weights_.resize(population_);
  for (int i = 0; i < population_; ++i) weights_[i] = std::log((population_ + 1) / 2.0) - std::log(i + 1.0);
  const auto effective = [](const Eigen::VectorXd& w) { return w.sum() * w.sum() / w.squaredNorm(); };
  effective_ = effective(weights_.head(parents_));
  const double of_others = effective(weights_.tail(population_ - parents_));
  c_sigma_ = (effective_ + 2) / (n + effective_ + 5);
  d_sigma_ = 1 + 2 * std::max(0.0, std::sqrt((effective_ - 1) / (n + 1)) - 1) + c_sigma_;
  c_c_ = (4 + effective_ / n) / (n + 4 + 2 * effective_ / n);
  c_1_ = 2 / ((n + 1.3) * (n + 1.3) + effective_);
  c_mu_ = std::min(1 - c_1_, 2 * (0.25 + effective_ + 1 / effective_ - 2) / ((n + 2) * (n + 2) + effective_));
  // Equations 49 to 53.
  const double most =
      std::min({1 + c_1_ / c_mu_, 1 + 2 * of_others / (effective_ + 2), (1 - c_1_ - c_mu_) / (n * c_mu_)});
  const double positive = weights_.cwiseMax(0.0).sum(), negative = -weights_.cwiseMin(0.0).sum();
  for (double& weight : weights_) weight *= weight >= 0 ? 1 / positive : most / negative;
  chi_ = std::sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  state_ = {mean,
            Eigen::MatrixXd::Identity(mean.size(), mean.size()),
            sigma,
            Eigen::VectorXd::Zero(mean.size()),
            Eigen::VectorXd::Zero(mean.size()),
            0};
}

void CmaEs::restore(const CmaEsState& state) {
  if (state.mean.size() != state_.mean.size())
    throw Error("CMA-ES: want a state of " + std::to_string(state_.mean.size()) + " numbers, found " +
                std::to_string(state.mean.size()));
  state_ = state;
}

Eigen::MatrixXd CmaEs::ask(Rng& rng) const {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(state_.covariance);
  const Eigen::MatrixXd factor =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
  Eigen::MatrixXd points(population_, state_.mean.size());
  Eigen::VectorXd noise(state_.mean.size());
  for (int k = 0; k < population_; ++k) {
    for (double& entry : noise) entry = rng.normal();
    points.row(k) = (state_.mean + state_.sigma * factor * noise).transpose();
  }
  return points;
}

void CmaEs::tell(const Eigen::MatrixXd& points, const Eigen::VectorXd& costs) {
  const auto cost = [&](int k) {
    return std::isfinite(costs[k]) ? costs[k] : std::numeric_limits<double>::infinity();
  };
  std::vector<int> order(static_cast<std::size_t>(population_));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return cost(a) < cost(b); });

  const auto n = static_cast<double>(state_.mean.size());
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(state_.covariance);
  const Eigen::MatrixXd whiten =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(1e-300).cwiseSqrt().cwiseInverse().asDiagonal() *
      solver.eigenvectors().transpose();
  Eigen::VectorXd step = Eigen::VectorXd::Zero(state_.mean.size());  // y_w
  Eigen::MatrixXd rank_mu = Eigen::MatrixXd::Zero(step.size(), step.size());
  for (int i = 0; i < population_; ++i) {
    const Eigen::VectorXd y =
        (points.row(order[static_cast<std::size_t>(i)]).transpose() - state_.mean) / state_.sigma;
    if (i < parents_) step += weights_[i] * y;
    const double away = (whiten * y).squaredNorm();
    const double weight = weights_[i] >= 0 ? weights_[i] : away > 0 ? weights_[i] * n / away : 0;
    rank_mu += weight * y * y.transpose();
  }
  const Eigen::VectorXd whitened = whiten * step;

  state_.mean += state_.sigma * step;
  ++state_.generation;
  state_.sigma_path =
      (1 - c_sigma_) * state_.sigma_path + std::sqrt(c_sigma_ * (2 - c_sigma_) * effective_) * whitened;
  const double length = state_.sigma_path.norm();
  const double settled = std::sqrt(1 - std::pow(1 - c_sigma_, 2.0 * state_.generation));
  const bool stalls = length / settled >= (1.4 + 2 / (n + 1)) * chi_;  // h_sigma = 0
  state_.covariance_path *= 1 - c_c_;
  if (!stalls) state_.covariance_path += std::sqrt(c_c_ * (2 - c_c_) * effective_) * step;
  const double lost = stalls ? c_c_ * (2 - c_c_) : 0;
  state_.covariance = (1 - c_1_ - c_mu_ * weights_.sum() + c_1_ * lost) * state_.covariance +
                      c_1_ * state_.covariance_path * state_.covariance_path.transpose() + c_mu_ * rank_mu;
  state_.covariance = 0.5 * (state_.covariance + state_.covariance.transpose()).eval();
  state_.sigma *= std::exp(c_sigma_ / d_sigma_ * (length / chi_ - 1));
}

}  // namespace understudy
