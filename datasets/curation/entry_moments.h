#pragma once
/// \file Mean and spread of every entry of rows that come one by one.

#include <Eigen/Core>
#include <cmath>
#include <cstdint>

#include "datasets/types/matrix.h"

namespace understudy {

/// Welford's algorithm (Welford 1962) in double precision, entry by entry.
class EntryMoments {
 public:
  explicit EntryMoments(Eigen::Index entries)
      : mean_(Eigen::VectorXd::Zero(entries)),
        squares_(Eigen::VectorXd::Zero(entries)),
        low_(Eigen::VectorXd::Constant(entries, INFINITY)),
        high_(Eigen::VectorXd::Constant(entries, -INFINITY)) {}

  /// `rows` `[n, entries]`, finite.
  void add(ConstMatrixRef rows) {
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      const Eigen::VectorXd row = rows.row(i).transpose().cast<double>();
      const Eigen::VectorXd away = row - mean_;
      mean_ += away / static_cast<double>(++count_);
      squares_.array() += away.array() * (row - mean_).array();
      low_ = low_.cwiseMin(row);
      high_ = high_.cwiseMax(row);
    }
  }

  std::int64_t count() const { return count_; }
  const Eigen::VectorXd& mean() const { return mean_; }
  const Eigen::VectorXd& low() const { return low_; }
  const Eigen::VectorXd& high() const { return high_; }
  /// The population's; 0 without a row.
  Eigen::VectorXd deviation() const {
    return count_ == 0 ? squares_ : (squares_ / static_cast<double>(count_)).cwiseSqrt().eval();
  }

 private:
  std::int64_t count_ = 0;
  Eigen::VectorXd mean_, squares_, low_, high_;
};

}  // namespace understudy
