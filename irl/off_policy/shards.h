#pragma once
/// \file Sums over the shards of a batch, which threads compute apart: in the shards' order, so that the same
/// number of threads gives the same bits.

#include <vector>

#include "datasets/types/matrix.h"

namespace understudy {

template <class Shard>
double sum(const std::vector<Shard>& shards, double Shard::*field) {
  double total = 0;
  for (const Shard& shard : shards) total += shard.*field;
  return total;
}

/// Leaves the sum in the first shard. At least one shard.
template <class Shard>
Vector& sum_into_first(std::vector<Shard>& shards, Vector Shard::*field) {
  Vector& total = shards.front().*field;
  for (std::size_t s = 1; s < shards.size(); ++s) total += shards[s].*field;
  return total;
}

}  // namespace understudy
