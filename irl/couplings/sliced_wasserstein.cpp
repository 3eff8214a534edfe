#include "irl/couplings/sliced_wasserstein.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {
namespace {

/// (value, weight)
using Atoms = std::vector<std::pair<double, double>>;

void sort_atoms(const Eigen::VectorXd& values, ConstWeightsRef weights, Atoms& atoms) {
  atoms.clear();
  for (Eigen::Index i = 0; i < values.size(); ++i) atoms.emplace_back(values(i), weights(i));
  std::sort(atoms.begin(), atoms.end());
}

/// Both sides' masses are paired off in ascending order.
double transport(const Atoms& x, const Atoms& y, double power) {
  double total = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  double x_left = x[0].second;
  double y_left = y[0].second;
  for (;;) {
    const double mass = std::min(x_left, y_left);
    const double distance = std::abs(x[i].first - y[j].first);
    if (mass > 0) total += mass * (power == 2 ? distance * distance : std::pow(distance, power));
    x_left -= mass;
    y_left -= mass;
    // One side is at 0. Rounding may leave a crumb on the other when the last atom is done.
    if (x_left <= 0 && ++i == x.size()) break;
    if (x_left <= 0) x_left = x[i].second;
    if (y_left <= 0 && ++j == y.size()) break;
    if (y_left <= 0) y_left = y[j].second;
  }
  return total;
}

void check_side(const char* side, Eigen::Index atoms, ConstWeightsRef weights) {
  const CostMatrix none = CostMatrix::Zero(atoms, 1);
  check_transport(std::string("sliced Wasserstein, ") + side, none, weights, Weights::Ones(1));
}

}  // namespace

double line_wasserstein_power(const Eigen::VectorXd& x, ConstWeightsRef x_weights, const Eigen::VectorXd& y,
                              ConstWeightsRef y_weights, double power) {
  check_side("x", x.size(), x_weights);
  check_side("y", y.size(), y_weights);
  Atoms x_atoms;
  Atoms y_atoms;
  sort_atoms(x, x_weights, x_atoms);
  sort_atoms(y, y_weights, y_atoms);
  return transport(x_atoms, y_atoms, power);
}

void validate(const SlicedConfig& config) {
  std::ostringstream line;
  if (config.directions < 1) {
    line << "sliced directions: want at least 1, found " << config.directions;
    throw UsageError(line.str());
  }
  if (!(config.power >= 1 && std::isfinite(config.power))) {
    line << "sliced power: want a number of at least 1, found " << config.power;
    throw UsageError(line.str());
  }
}

SlicedDistance sliced_wasserstein(ConstMatrixRef x, ConstWeightsRef x_weights, ConstMatrixRef y,
                                  ConstWeightsRef y_weights, const SlicedConfig& config, Rng& rng) {
  validate(config);
  if (x.cols() != y.cols() || x.cols() == 0) {
    throw Error("sliced Wasserstein: want atoms of one dimension above 0, found " + std::to_string(x.cols()) +
                " and " + std::to_string(y.cols()));
  }
  check_side("x", x.rows(), x_weights);
  check_side("y", y.rows(), y_weights);
  const Eigen::MatrixXd x_values = x.cast<double>();
  const Eigen::MatrixXd y_values = y.cast<double>();
  Eigen::VectorXd direction(x.cols());
  Eigen::VectorXd powers(config.directions);
  Eigen::VectorXd projected;
  Atoms x_atoms;
  Atoms y_atoms;
  for (int line = 0; line < config.directions; ++line) {
    do {
      for (Eigen::Index i = 0; i < direction.size(); ++i) direction(i) = rng.normal();
    } while (direction.squaredNorm() == 0);
    direction.normalize();
    projected.noalias() = x_values * direction;
    sort_atoms(projected, x_weights, x_atoms);
    projected.noalias() = y_values * direction;
    sort_atoms(projected, y_weights, y_atoms);
    powers(line) = transport(x_atoms, y_atoms, config.power);
  }
  SlicedDistance result;
  result.mean_power = powers.mean();
  result.value = std::pow(result.mean_power, 1 / config.power);
  if (config.directions > 1) {
    const double n = config.directions;
    result.standard_error = std::sqrt((powers.array() - result.mean_power).square().sum() / (n - 1) / n);
  }
  return result;
}

SlicedDistance sliced_wasserstein(ConstMatrixRef x, ConstMatrixRef y, const SlicedConfig& config, Rng& rng) {
  return sliced_wasserstein(x, uniform_weights(x.rows()), y, uniform_weights(y.rows()), config, rng);
}

}  // namespace understudy
