#include "irl/experts/demonstration_cover.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "datasets/types/error.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {
namespace {

constexpr double kQuantile = 0.99;
constexpr Eigen::Index kBlock = 256;  // rows at a time: their distances to all atoms are in memory

}  // namespace

DemonstrationCover::DemonstrationCover(const std::vector<Matrix>& demonstrations, Eigen::Index most) {
  if (demonstrations.size() < 2) {
    throw Error("demonstrations: want at least 2 to say how far they are from each other, found " +
                std::to_string(demonstrations.size()));
  }
  Eigen::Index all = 0;
  for (const Matrix& one : demonstrations) all += one.rows();
  const Eigen::Index stride = (all + most - 1) / most;
  atoms_.resize((all + stride - 1) / stride, demonstrations.front().cols());
  std::vector<Eigen::Index> first, last;  // of each demonstration's atoms
  Eigen::Index row = 0, seen = 0;
  for (const Matrix& one : demonstrations) {
    first.push_back(row);
    for (Eigen::Index t = 0; t < one.rows(); ++t, ++seen) {
      if (seen % stride == 0) atoms_.row(row++) = one.row(t);
    }
    last.push_back(row);
  }
  normaliser_ = fit_expert_normaliser(atoms_);
  normaliser_.apply(atoms_);
  squares_ = atoms_.rowwise().squaredNorm();

  std::vector<float> apart;
  Matrix products;
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (Eigen::Index begin = first[i]; begin < last[i]; begin += kBlock) {
      const Eigen::Index rows = std::min(kBlock, last[i] - begin);
      products.noalias() = -2 * atoms_.middleRows(begin, rows) * atoms_.transpose();
      products.rowwise() += squares_.transpose();
      products.middleCols(first[i], last[i] - first[i]).setConstant(std::numeric_limits<float>::max());
      const Vector nearest = products.rowwise().minCoeff() + squares_.segment(begin, rows);
      for (const float square : nearest) apart.push_back(std::sqrt(std::max(square, 0.0F)));
    }
  }
  const auto place =
      apart.begin() + static_cast<std::ptrdiff_t>(kQuantile * static_cast<double>(apart.size()));
  std::nth_element(apart.begin(), place, apart.end());
  reach_ = static_cast<double>(*place);
}

Vector DemonstrationCover::distances(ConstMatrixRef observations) const {
  Matrix scaled = observations;
  normaliser_.apply(scaled);
  Vector nearest(scaled.rows());
  Matrix products;
  for (Eigen::Index begin = 0; begin < scaled.rows(); begin += kBlock) {
    const Eigen::Index rows = std::min(kBlock, scaled.rows() - begin);
    const auto block = scaled.middleRows(begin, rows);
    products.noalias() = -2 * block * atoms_.transpose();
    products.rowwise() += squares_.transpose();
    nearest.segment(begin, rows) =
        (products.rowwise().minCoeff() + block.rowwise().squaredNorm()).cwiseMax(0.0F).cwiseSqrt();
  }
  return nearest;
}

std::optional<int> DemonstrationCover::left_at(ConstMatrixRef observations) const {
  const Vector distance = distances(observations);
  int outside = 0;
  for (Eigen::Index t = 0; t < distance.size(); ++t) {
    outside = static_cast<double>(distance[t]) > reach_ ? outside + 1 : 0;
    if (outside == kStretch || (outside >= kLastStretch && t + 1 == distance.size()))
      return static_cast<int>(t) + 1 - outside;
  }
  return {};
}

}  // namespace understudy
