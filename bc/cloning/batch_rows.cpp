#include "bc/cloning/batch_rows.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace understudy {

BatchRows::BatchRows(std::vector<std::vector<int>> datasets, const std::vector<double>& shares) {
  if (shares.empty()) {
    for (std::size_t i = 1; i < datasets.size(); ++i)
      datasets[0].insert(datasets[0].end(), datasets[i].begin(), datasets[i].end());
    datasets.resize(1);
  }
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    Pool pool{.order = datasets[i],
              .cursor = static_cast<int>(datasets[i].size())};  // the first draw shuffles
    pool.share = shares.empty() ? 1 : shares[i] / total;
    pool.rows = std::move(datasets[i]);
    pools_.push_back(std::move(pool));
  }
}

/// The one that is owed most, so that shares hold in every batch and not only in the mean.
BatchRows::Pool& BatchRows::next_pool() {
  if (pools_.size() == 1) return pools_.front();
  for (Pool& pool : pools_) pool.credit += pool.share;
  Pool& next = *std::max_element(pools_.begin(), pools_.end(),
                                 [](const Pool& a, const Pool& b) { return a.credit < b.credit; });
  next.credit -= 1;
  return next;
}

void BatchRows::next(Rng& rng, int* rows, int count) {
  for (int i = 0; i < count; ++i) {
    Pool& pool = next_pool();
    if (pool.cursor == static_cast<int>(pool.order.size())) {
      for (std::size_t k = pool.order.size(); k > 1; --k)
        std::swap(pool.order[k - 1], pool.order[rng.below(k)]);
      pool.cursor = 0;
    }
    rows[i] = pool.order[static_cast<std::size_t>(pool.cursor++)];
  }
}

std::vector<int> BatchRows::ahead(int count) const {
  const Pool& pool = pools_.front();
  const auto left = static_cast<int>(pool.order.size()) - pool.cursor;
  const auto begin = pool.order.begin() + pool.cursor;
  return {begin, begin + std::min(count, left)};
}

void BatchRows::serialise(Archive& archive) {
  for (Pool& pool : pools_) {
    const auto count = static_cast<std::int64_t>(pool.rows.size());
    archive.expect("cloning rows", count);
    archive("cloning order", pool.order);
    if (archive.loading()) {
      std::vector<int> sorted = pool.order;
      std::sort(sorted.begin(), sorted.end());
      if (sorted != pool.rows) archive.refuse("every row of the data once", "others");
    }
    archive("cloning cursor", pool.cursor);
    archive.want_range(pool.cursor, 0, count);
    if (pools_.size() == 1) return;
    archive("cloning credit", pool.credit);
    archive.want_finite(pool.credit);
  }
}

}  // namespace understudy
