#pragma once
/// \file What a training in step costs: learners that several ranks share, and what exchanges take.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bc/parallel/ranks.h"

namespace understudy::bench {

/// Median time of an exchange to which every rank gives so many bytes, s.
double exchange_seconds(Ranks& ranks, std::size_t bytes, int repeats);

/// A learner at a typical size.
struct ScaleCase {
  std::string name;
  std::string unit;               ///< what one call of `update` is
  std::size_t numbers = 0;        ///< of a vector that is summed over shards
  int sums = 0;                   ///< of them in an update
  std::size_t rollout_bytes = 0;  ///< that all ranks exchange beside, in an update
  int most_shards = 1;            ///< that there is something for
  /// Learns once more each time it is called.
  std::function<std::function<void()>(std::shared_ptr<Ranks>)> make;
};

/// Of `shards` shards each.
std::vector<ScaleCase> scale_cases(int shards, std::uint64_t seed);

}  // namespace understudy::bench
