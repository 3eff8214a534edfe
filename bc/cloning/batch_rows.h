#pragma once
/// \file Which rows a batch is made of.

#include <vector>

#include "datasets/storage/archive.h"
#include "datasets/types/rng.h"

namespace understudy {

/// Goes through the rows of each dataset in a random order, and shuffles anew whenever all have been seen.
class BatchRows {
 public:
  BatchRows() = default;
  /// `shares`: of every batch, one for each dataset, so that a small one is not drowned by a large one; none: all rows
  /// alike, whatever dataset they are of. Every dataset has at least one row.
  BatchRows(std::vector<std::vector<int>> datasets, const std::vector<double>& shares);

  /// The next rows.
  void next(Rng& rng, int* rows, int count);

  /// Of what next() will give, up to `count` rows that are known already; of the only dataset.
  std::vector<int> ahead(int count) const;

  /// The present order of the only dataset's rows.
  const std::vector<int>& order() const { return pools_.front().order; }

  void serialise(Archive& archive);

 private:
  struct Pool {
    std::vector<int> order;
    int cursor = 0;           ///< next entry of order
    double share = 1;         ///< of every batch
    double credit = 0;        ///< rows that it is owed
    std::vector<int> rows{};  ///< ascending
  };
  Pool& next_pool();

  std::vector<Pool> pools_;
};

}  // namespace understudy
