#include "envs/randomisation/joint_normal.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int kMostDraws = 1000;
constexpr double kRounding = 1e-9;  ///< share of the largest variance by which a covariance may miss

Square matrix_of(const JointNormal& joint) {
  const auto n = static_cast<Eigen::Index>(joint.size());
  return Eigen::Map<const Square>(joint.covariance.data(), n, n);
}

void want_finite(const std::vector<double>& values, const char* name) {
  if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); }))
    throw UsageError(std::string("joint_normal.") + name + ": want numbers that are finite");
}

void want_count(const std::vector<double>& values, std::size_t count, const char* name) {
  if (values.size() == count) return;
  throw UsageError(std::string("joint_normal.") + name + ": want " + std::to_string(count) +
                   " numbers, found " + std::to_string(values.size()));
}

}  // namespace

double JointNormal::deviation(std::size_t i) const {
  return std::sqrt(covariance[i * size() + i]);
}

void validate(const JointNormal& joint) {
  const std::size_t n = joint.size();
  if (n == 0) throw UsageError("joint_normal.keys: want at least one key, found none");
  for (std::size_t i = 0; i < n; ++i) {
    if (std::count(joint.keys.begin(), joint.keys.end(), joint.keys[i]) > 1)
      throw UsageError("joint_normal.keys: '" + joint.keys[i] + "' is there twice: remove one");
  }
  want_count(joint.mean, n, "mean");
  want_count(joint.covariance, n * n, "covariance");
  want_count(joint.low, n, "low");
  want_count(joint.high, n, "high");
  want_finite(joint.mean, "mean");
  want_finite(joint.covariance, "covariance");
  want_finite(joint.low, "low");
  want_finite(joint.high, "high");
  const Square covariance = matrix_of(joint);
  const double largest = covariance.diagonal().cwiseAbs().maxCoeff();
  if ((covariance - covariance.transpose()).cwiseAbs().maxCoeff() > kRounding * largest)
    throw UsageError("joint_normal.covariance: want a symmetric matrix, row by row");
  const double least =
      Eigen::SelfAdjointEigenSolver<Square>(covariance, Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
  if (least < -kRounding * largest || covariance.diagonal().minCoeff() < 0)
    throw UsageError("joint_normal.covariance: want no negative eigenvalue, found " + std::to_string(least));
  for (std::size_t i = 0; i < n; ++i) {
    if (!(joint.low[i] <= joint.mean[i] && joint.mean[i] <= joint.high[i] &&
          joint.high[i] - joint.low[i] >= 0.1 * joint.deviation(i))) {
      throw UsageError("joint_normal: " + joint.keys[i] + ": want the mean " + std::to_string(joint.mean[i]) +
                       " within low and high, and these at least a tenth of the deviation apart, found " +
                       std::to_string(joint.low[i]) + " and " + std::to_string(joint.high[i]));
    }
  }
}

JointNormalSource::JointNormalSource(const JointNormal& joint)
    : mean_(joint.mean), low_(joint.low), high_(joint.high), factor_(joint.covariance.size()) {
  const Eigen::SelfAdjointEigenSolver<Square> solver(matrix_of(joint));
  const auto n = static_cast<Eigen::Index>(joint.size());
  Eigen::Map<Square>(factor_.data(), n, n) =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
}

std::vector<double> JointNormalSource::draw(Rng& rng) const {
  const std::size_t n = mean_.size();
  std::vector<double> noise(n), values(n);
  for (int draws = 0; draws < kMostDraws; ++draws) {
    for (double& entry : noise) entry = rng.normal();
    bool within = true;
    for (std::size_t i = 0; i < n; ++i) {
      values[i] = mean_[i];
      for (std::size_t j = 0; j < n; ++j) values[i] += factor_[i * n + j] * noise[j];
      within = within && low_[i] <= values[i] && values[i] <= high_[i];
    }
    if (within) return values;
  }
  for (std::size_t i = 0; i < n; ++i) values[i] = std::clamp(values[i], low_[i], high_[i]);
  return values;
}

}  // namespace understudy
