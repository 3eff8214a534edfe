#include "envs/rollouts/intervals.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {
namespace {

constexpr double kZ95 = 1.959963984540054;  // standard normal quantile at 0.975

/// 95 % percentile interval of `statistic` (of sorted or unsorted values, its own
/// choice) over resampled values.
template <class Statistic>
Interval bootstrap_interval(const std::vector<double>& values, std::uint64_t seed, int resamples,
                            const Statistic& statistic) {
  Rng rng(seed);
  std::vector<double> results(static_cast<std::size_t>(resamples));
  std::vector<double> drawn(values.size());
  for (double& result : results) {
    for (double& value : drawn) value = values[rng.below(values.size())];
    result = statistic(drawn);
  }
  std::sort(results.begin(), results.end());
  const auto quantile = [&](double q) {
    return results[static_cast<std::size_t>(std::lround(q * static_cast<double>(results.size() - 1)))];
  };
  return {quantile(0.025), quantile(0.975)};
}

double middle_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t cut = values.size() / 4;
  double sum = 0;
  for (std::size_t i = cut; i < values.size() - cut; ++i) sum += values[i];
  return sum / static_cast<double>(values.size() - 2 * cut);
}

}  // namespace

Interval wilson_interval(int successes, int trials) {
  const double n = trials;
  const double rate = successes / n;
  const double z2 = kZ95 * kZ95;
  const double centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ95 * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

InterquartileMean interquartile_mean(const std::vector<double>& values, std::uint64_t seed, int resamples) {
  if (values.empty()) throw Error("interquartile mean: want at least one value, found none");
  return {middle_mean(values), bootstrap_interval(values, seed, resamples, middle_mean)};
}

Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed, int resamples) {
  return bootstrap_interval(values, seed, resamples, [](const std::vector<double>& drawn) {
    double sum = 0;
    for (const double value : drawn) sum += value;
    return sum / static_cast<double>(drawn.size());
  });
}

Interval paired_difference_interval(const std::vector<double>& first, const std::vector<double>& second,
                                    std::uint64_t seed) {
  if (first.size() != second.size() || first.empty()) {
    throw Error("paired comparison: want two series of the same length, found " +
                std::to_string(first.size()) + " and " + std::to_string(second.size()) + " values");
  }
  std::vector<double> differences(first.size());
  std::transform(first.begin(), first.end(), second.begin(), differences.begin(), std::minus<>());
  return bootstrap_mean_interval(differences, seed);
}

}  // namespace understudy
