#include "bc/parallel/shards.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <utility>

#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

/// Where the tree divides a range of at least two shards.
int middle(ShardRange range) {
  return range.first + static_cast<int>(std::bit_ceil(static_cast<unsigned>(range.count())) / 2);
}

void add(const Vector& numbers, const Figures& figures, Vector& to, Figures& figures_to) {
  to += numbers;
  for (std::size_t i = 0; i < figures.size(); ++i) figures_to[i] += figures[i];
}

void list_subtrees(ShardRange range, ShardRange block, std::vector<ShardRange>& list) {
  if (range.first >= block.end || range.end <= block.first) return;
  if (block.first <= range.first && range.end <= block.end) return list.push_back(range);
  list_subtrees({range.first, middle(range)}, block, list);
  list_subtrees({middle(range), range.end}, block, list);
}

}  // namespace

Shards::Shards(int count, std::shared_ptr<Ranks> ranks) : count_(count), ranks_(std::move(ranks)) {
  exchanged_ = exchanged(count_, ranks_->size());
  for (int r = 0; r <= ranks_->size(); ++r) {
    const int first = r < ranks_->size() ? of(r).first : count_;
    const auto at = std::find_if(exchanged_.begin(), exchanged_.end(),
                                 [first](const ShardRange& range) { return range.first >= first; });
    exchanged_firsts_.push_back(static_cast<std::size_t>(at - exchanged_.begin()));
  }
  right_.resize(static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(count_))) + 1);
}

ShardRange Shards::part(int count, int index, int parts) {
  const auto cut = [&](std::int64_t i) { return static_cast<int>(count * i / parts); };
  return {cut(index), cut(index + 1)};
}

ShardRange Shards::rows_of(int rows, int rank) const {
  const ShardRange shards = of(rank);
  return {part(rows, shards.first, count_).first, part(rows, shards.end - 1, count_).end};
}

Rng Shards::rng(std::uint64_t seed, std::uint64_t update, int shard) {
  const std::uint64_t first = Rng::stream(seed, RngStream::kShards).bits();
  return Rng::stream(first + (update << 16) + static_cast<std::uint64_t>(shard), RngStream::kShards);
}

std::vector<ShardRange> Shards::exchanged(int shards, int ranks) {
  std::vector<ShardRange> list;
  for (int r = 0; r < ranks; ++r) list_subtrees({0, shards}, part(shards, r, ranks), list);
  return list;
}

void Shards::subtree(const Compute& compute, ShardRange range, std::size_t level, Vector& numbers,
                     Figures& figures) {
  if (range.count() == 1) {
    figures = {};
    const auto start = Clock::now();
    compute(range.first, numbers, figures);
    ranks_->worked(std::chrono::duration<double>(Clock::now() - start).count());
    return;
  }
  subtree(compute, {range.first, middle(range)}, level + 1, numbers, figures);
  Vector& right = right_[level];
  right.resize(numbers.size());
  Figures more{};
  subtree(compute, {middle(range), range.end}, level + 1, right, more);
  add(right, more, numbers, figures);
}

void Shards::collect(ShardRange range, std::size_t level, Vector& numbers, Figures& figures) const {
  const auto found = std::find(exchanged_.begin(), exchanged_.end(), range);
  if (found != exchanged_.end()) {
    const auto size = static_cast<std::size_t>(numbers.size());
    const std::byte* slot =
        slots_.data() + static_cast<std::size_t>(found - exchanged_.begin()) * slot_bytes(size);
    std::memcpy(figures.data(), slot, sizeof figures);
    std::memcpy(numbers.data(), slot + sizeof figures, size * sizeof(float));
    return;
  }
  collect({range.first, middle(range)}, level + 1, numbers, figures);
  Vector& right = right_[level];
  right.resize(numbers.size());
  Figures more{};
  collect({middle(range), range.end}, level + 1, right, more);
  add(right, more, numbers, figures);
}

void Shards::sum(const Compute& compute, Vector& total, Figures& figures) {
  if (!ranks_->several()) return subtree(compute, {0, count_}, 0, total, figures);
  const auto size = static_cast<std::size_t>(total.size());
  const std::size_t bytes = slot_bytes(size);
  slots_.resize(exchanged_.size() * bytes);
  firsts_ = exchanged_firsts_;
  for (std::size_t& first : firsts_) first *= bytes;
  const auto own = static_cast<std::size_t>(ranks_->rank());
  for (std::size_t i = exchanged_firsts_[own]; i < exchanged_firsts_[own + 1]; ++i) {
    subtree(compute, exchanged_[i], 0, total, figures);
    std::byte* slot = slots_.data() + i * bytes;
    std::memcpy(slot, figures.data(), sizeof figures);
    std::memcpy(slot + sizeof figures, total.data(), size * sizeof(float));
  }
  ranks_->all_gather(slots_, firsts_);
  collect({0, count_}, 0, total, figures);
}

}  // namespace understudy
