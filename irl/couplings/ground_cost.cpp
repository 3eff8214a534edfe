#include "irl/couplings/ground_cost.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

/// From so many entries on, |x|^2 + |y|^2 - 2 x.y by a matrix product is faster than differences.
constexpr Eigen::Index kProductPays = 8;
/// A squared distance below this share of |x|^2 + |y|^2 has lost digits to cancellation and is summed anew.
constexpr double kCancelled = 1e-6;

CostMatrix squared_distances(const CostMatrix& x, const CostMatrix& y) {
  CostMatrix squared(x.rows(), y.rows());
  if (x.cols() < kProductPays) {
    for (Eigen::Index r = 0; r < x.rows(); ++r) {
      squared.row(r) = (y.rowwise() - x.row(r)).rowwise().squaredNorm().transpose();
    }
    return squared;
  }
  squared.noalias() = x * y.transpose();
  const Eigen::VectorXd x_norms = x.rowwise().squaredNorm();
  const Eigen::VectorXd y_norms = y.rowwise().squaredNorm();
  for (Eigen::Index r = 0; r < x.rows(); ++r) {
    for (Eigen::Index c = 0; c < y.rows(); ++c) {
      const double norms = x_norms(r) + y_norms(c);
      const double value = norms - 2 * squared(r, c);
      squared(r, c) = value > kCancelled * norms ? value : (x.row(r) - y.row(c)).squaredNorm();
    }
  }
  return squared;
}

/// Every row divided by its length; rows of zeros stay.
void normalise_rows(CostMatrix& values) {
  for (Eigen::Index r = 0; r < values.rows(); ++r) {
    const double length = values.row(r).norm();
    if (length > 0) values.row(r) /= length;
  }
}

CostMatrix cosine_costs(CostMatrix x, CostMatrix y) {
  normalise_rows(x);
  normalise_rows(y);
  CostMatrix costs(x.rows(), y.rows());
  costs.noalias() = x * y.transpose();
  return (1 - costs.array()).max(0);
}

}  // namespace

Normaliser atom_standardiser(ConstMatrixRef atoms) {
  if (atoms.rows() < 1) throw Error("atoms: want at least one, found none");
  if (!atoms.allFinite()) {
    throw Error(
        "atoms: want finite values, found NaN or infinity; check the data with `understudy data validate`");
  }
  const CostMatrix values = atoms.cast<double>();
  const Eigen::RowVectorXd mean = values.colwise().mean();
  const Eigen::RowVectorXd deviation = (values.rowwise() - mean).colwise().norm() / std::sqrt(values.rows());
  Normaliser standardiser{mean.transpose().cast<float>(), Vector(mean.size())};
  for (Eigen::Index i = 0; i < mean.size(); ++i) {
    const bool constant = deviation(i) < 1e-6 * std::max(1.0, std::abs(mean(i)));
    standardiser.scale(i) = constant ? 1.0F : static_cast<float>(1.0 / deviation(i));
  }
  return standardiser;
}

CostMatrix ground_cost(GroundCost kind, ConstMatrixRef x, ConstMatrixRef y) {
  if (x.cols() != y.cols()) {
    throw Error("ground cost: want atoms of one dimension, found " + std::to_string(x.cols()) + " and " +
                std::to_string(y.cols()));
  }
  const CostMatrix left = x.cast<double>();
  const CostMatrix right = y.cast<double>();
  if (kind == GroundCost::kCosine) return cosine_costs(left, right);
  if (left.rows() == 0 || right.rows() == 0) return CostMatrix(left.rows(), right.rows());
  // Distances do not depend on the origin, but their digits do.
  const Eigen::RowVectorXd origin = right.colwise().mean();
  CostMatrix costs = squared_distances(left.rowwise() - origin, right.rowwise() - origin);
  if (kind == GroundCost::kEuclidean) costs = costs.cwiseSqrt();
  return costs;
}

}  // namespace understudy
