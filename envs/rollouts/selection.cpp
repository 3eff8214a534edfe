#include "envs/rollouts/selection.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {
namespace {

/// Sums of floats in another order may differ by this share of them.
constexpr double kRounding = 1e-12;

}  // namespace

BestByLuck best_by_luck(const std::vector<std::vector<double>>& figures, std::uint64_t seed, int draws) {
  if (figures.empty() || figures.front().empty())
    throw Error("candidates: want at least one with an episode, found none");
  const std::size_t candidates = figures.size(), episodes = figures.front().size();
  std::vector<double> sums(candidates);
  double size = 0;  // of the figures, for rounding
  for (std::size_t i = 0; i < candidates; ++i) {
    if (figures[i].size() != episodes) {
      throw Error("candidates: want the same " + std::to_string(episodes) + " episodes of all, found " +
                  std::to_string(figures[i].size()));
    }
    sums[i] = std::accumulate(figures[i].begin(), figures[i].end(), 0.0);
    for (const double figure : figures[i]) size = std::max(size, std::abs(figure));
  }
  const auto count = static_cast<double>(episodes);
  const double best = *std::max_element(sums.begin(), sums.end());
  const double slack = kRounding * size * count;

  Rng rng(seed);
  std::vector<double> column(candidates);
  int as_good = 1;  // what was seen is one of the draws
  double total = 0;
  for (int draw = 0; draw < draws; ++draw) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t episode = 0; episode < episodes; ++episode) {
      for (std::size_t i = 0; i < candidates; ++i) column[i] = figures[i][episode];
      for (std::size_t i = candidates; i > 1; --i) std::swap(column[i - 1], column[rng.below(i)]);
      for (std::size_t i = 0; i < candidates; ++i) sums[i] += column[i];
    }
    const double luckiest = *std::max_element(sums.begin(), sums.end());
    total += luckiest;
    as_good += luckiest >= best - slack ? 1 : 0;
  }
  return {.best = best / count,
          .expected = total / draws / count,
          .p = static_cast<double>(as_good) / (draws + 1)};
}

}  // namespace understudy
