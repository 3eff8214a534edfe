#pragma once
/// \file The fixed parts that work is split into, so that results depend on the number of parts and not on who computes
/// them: a rank has a contiguous block of shards, and sums over shards are taken in one binary tree over their numbers.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "bc/parallel/ranks.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// From `first` on, before `end`.
struct ShardRange {
  int first = 0;
  int end = 0;
  int count() const { return end - first; }
  bool operator==(const ShardRange&) const = default;
};

/// Sums that go along with a vector.
using Figures = std::array<double, 4>;

class Shards {
 public:
  /// At least as many shards as ranks.
  explicit Shards(int count = 1, std::shared_ptr<Ranks> ranks = single_rank());

  int count() const { return count_; }
  /// Whether work is split at all; else it is done as if there were no shards.
  bool split() const { return count_ > 1; }
  Ranks& ranks() const { return *ranks_; }
  /// Of a rank.
  ShardRange of(int rank) const { return part(count_, rank, ranks_->size()); }
  /// What is shard `shard`'s of `rows` rows.
  ShardRange rows(int rows, int shard) const { return part(rows, shard, count_); }
  /// What is a rank's of them.
  ShardRange rows_of(int rows, int rank) const;

  /// The same for the same seed, update and shard, whoever computes it.
  static Rng rng(std::uint64_t seed, std::uint64_t update, int shard);

  /// Overwrites a vector of a fixed size and the figures, which are 0, with a shard's part of the sum.
  using Compute = std::function<void(int shard, Vector& numbers, Figures& figures)>;
  /// The sum over all shards of what `compute` gives for each; this rank calls it for its own. `total` says the size.
  void sum(const Compute& compute, Vector& total, Figures& figures);

  /// Which sums are exchanged when `ranks` ranks share `shards` shards, by first shard: the largest subtrees that
  /// lie within a rank's block.
  static std::vector<ShardRange> exchanged(int shards, int ranks);
  /// Bytes of all of them, for a vector of this size.
  static std::size_t exchanged_bytes(int shards, int ranks, std::size_t numbers) {
    return exchanged(shards, ranks).size() * slot_bytes(numbers);
  }

 private:
  /// Part `index` of `parts` of `count`, which differ by one at most.
  static ShardRange part(int count, int index, int parts);
  static std::size_t slot_bytes(std::size_t numbers) { return sizeof(Figures) + numbers * sizeof(float); }
  void subtree(const Compute& compute, ShardRange range, std::size_t level, Vector& numbers,
               Figures& figures);
  void collect(ShardRange range, std::size_t level, Vector& numbers, Figures& figures) const;

  int count_;
  std::shared_ptr<Ranks> ranks_;
  std::vector<ShardRange> exchanged_;
  std::vector<std::size_t> exchanged_firsts_;  ///< of every rank, and the number of them
  std::vector<std::byte> slots_;
  std::vector<std::size_t> firsts_;
  mutable std::vector<Vector> right_;  ///< of every level of the tree, the right summand
};

}  // namespace understudy
