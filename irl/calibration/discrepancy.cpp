#include "irl/calibration/discrepancy.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kStill = 1e-6;  ///< deviation as a share of the mean's size from which on an entry moves

/// Position `i` in a series of `n` that is mirrored at its ends: ... b a | a b c | c b ...
Eigen::Index mirrored(Eigen::Index i, Eigen::Index n) {
  const Eigen::Index period = 2 * n;
  const Eigen::Index at = ((i % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

}  // namespace

Eigen::MatrixXd gaussian_filtered(const Eigen::MatrixXd& values, double sigma, double truncation) {
  const auto reach = static_cast<Eigen::Index>(std::lround(truncation * sigma));
  if (sigma <= 0 || reach < 1) return values;
  Eigen::VectorXd kernel(2 * reach + 1);
  for (Eigen::Index i = -reach; i <= reach; ++i) {
    const double x = static_cast<double>(i) / sigma;
    kernel[i + reach] = std::exp(-0.5 * x * x);
  }
  kernel /= kernel.sum();
  Eigen::MatrixXd filtered = Eigen::MatrixXd::Zero(values.rows(), values.cols());
  for (Eigen::Index t = 0; t < values.rows(); ++t) {
    for (Eigen::Index i = -reach; i <= reach; ++i)
      filtered.row(t) += kernel[i + reach] * values.row(mirrored(t + i, values.rows()));
  }
  return filtered;
}

double discrepancy(ConstMatrixRef simulated, ConstMatrixRef real, const DiscrepancyConfig& config) {
  const Eigen::Index entries = config.weights.size();
  if (simulated.cols() != entries || real.cols() != entries || simulated.rows() < 1 || real.rows() < 1) {
    throw Error("discrepancy: want two episodes of " + std::to_string(entries) + " entries, found " +
                std::to_string(simulated.cols()) + " and " + std::to_string(real.cols()));
  }
  const Eigen::Index steps = std::min(simulated.rows(), real.rows());
  const Eigen::MatrixXd difference =
      simulated.topRows(steps).cast<double>() - real.topRows(steps).cast<double>();
  const Eigen::MatrixXd weighted =
      gaussian_filtered(difference, config.sigma, config.truncation) * config.weights.asDiagonal();
  const auto weighing = std::max<Eigen::Index>(1, (config.weights.array() > 0).count());
  const double count = static_cast<double>(steps * weighing);
  return (config.l1 * weighted.cwiseAbs().sum() + config.l2 * weighted.squaredNorm()) / count;
}

Eigen::VectorXd deviation_weights(const std::vector<Episode>& episodes) {
  if (episodes.empty()) throw Error("discrepancy: want at least one real episode, found none");
  const Eigen::Index entries = episodes.front().observations.cols();
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(entries), squares = sum;
  double count = 0;
  for (const Episode& episode : episodes) {
    const Eigen::MatrixXd values = episode.observations.cast<double>();
    sum += values.colwise().sum();
    count += static_cast<double>(values.rows());
  }
  const Eigen::VectorXd mean = sum / count;
  for (const Episode& episode : episodes) {
    squares += (episode.observations.cast<double>().rowwise() - mean.transpose())
                   .array()
                   .square()
                   .colwise()
                   .sum()
                   .matrix()
                   .transpose();
  }
  Eigen::VectorXd weights(entries);
  for (Eigen::Index i = 0; i < entries; ++i) {
    const double deviation = std::sqrt(squares[i] / count);
    weights[i] = deviation > kStill * std::max(1.0, std::abs(mean[i])) ? 1 / deviation : 0;
  }
  return weights;
}

}  // namespace understudy
