#pragma once
/// \file A random order of rows, cut into parts of nearly equal size.

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// Passes over `rows` rows in parts of about `size`: as many parts as come nearest, whose sizes differ by one
/// at most, so that no pass ends in a part of a few rows.
class Minibatches {
 public:
  void begin(int rows, int size) {
    order_.resize(static_cast<std::size_t>(rows));
    std::iota(order_.begin(), order_.end(), 0);
    count_ = std::max(1, (rows + size / 2) / size);
  }
  void shuffle(Rng& rng) {
    for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng.below(i)]);
  }
  int count() const { return count_; }
  /// Most rows of a part.
  int largest() const { return (static_cast<int>(order_.size()) + count_ - 1) / count_; }
  std::span<const int> rows(int part) const {
    const std::size_t first = cut(part);
    return {order_.data() + first, cut(part + 1) - first};
  }

 private:
  std::size_t cut(int part) const {
    return order_.size() * static_cast<std::size_t>(part) / static_cast<std::size_t>(count_);
  }
  std::vector<int> order_;
  int count_ = 1;
};

/// to.row(i) <- from.row(rows[i]).
inline void gather_rows(ConstMatrixRef from, std::span<const int> rows, MatrixRef to) {
  for (std::size_t i = 0; i < rows.size(); ++i) to.row(static_cast<Eigen::Index>(i)) = from.row(rows[i]);
}
/// to(i) <- from(rows[i]).
inline void gather_entries(ConstVectorRef from, std::span<const int> rows, VectorRef to) {
  for (std::size_t i = 0; i < rows.size(); ++i) to(static_cast<Eigen::Index>(i)) = from(rows[i]);
}

}  // namespace understudy
