#pragma once
/// \file What choosing the best of several costs: how good the best would look if all were the same.

#include <cstdint>
#include <vector>

namespace understudy {

struct BestByLuck {
  double best = 0;      ///< the greatest of the means
  double expected = 0;  ///< what that is on average when all are the same
  double p = 1;         ///< how often luck alone makes the best as good as this, or better
};

/// `figures` `[candidates][episodes]`, of all on the same episodes. If all were the same, whose figure is whose in an
/// episode would be chance: so it is drawn anew, `draws` times, episode by episode (a permutation test that keeps how
/// hard each episode is). Throws Error unless there is a candidate, an episode, and the same number of them for all.
BestByLuck best_by_luck(const std::vector<std::vector<double>>& figures, std::uint64_t seed,
                        int draws = 2000);

}  // namespace understudy
