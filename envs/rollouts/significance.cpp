#include "envs/rollouts/significance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <unsupported/Eigen/SpecialFunctions>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kMostEpisodes = 100'000;

/// P(X <= k) of a binomial distribution.
double binomial_below(int k, int trials, double chance) {
  if (k < 0) return 0;
  if (k >= trials || chance <= 0) return 1;
  if (chance >= 1) return 0;
  return Eigen::numext::betainc(static_cast<double>(trials - k), static_cast<double>(k + 1), 1 - chance);
}

double log_choose(int n, int k) {
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
}

/// Sum of squared differences from the mean, over one less than there are.
double variance(const std::vector<double>& values, double mean) {
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The most successes of `trials` fair ones for which McNemar's test finds p < `level`; -1: none.
int critical_count(int trials, double level) {
  int low = -1, high = trials / 2;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (2 * binomial_below(middle, trials, 0.5) < level) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

double mcnemar_p(int first_alone, int second_alone) {
  const int trials = first_alone + second_alone;
  return std::min(1.0, 2 * binomial_below(std::min(first_alone, second_alone), trials, 0.5));
}

double fisher_p(int first_successes, int first_trials, int second_successes, int second_trials) {
  const int successes = first_successes + second_successes;
  const double all = log_choose(first_trials + second_trials, successes);
  const auto chance = [&](int first) {
    return std::exp(log_choose(first_trials, first) + log_choose(second_trials, successes - first) - all);
  };
  // Tables that are as likely but for rounding count.
  const double found = chance(first_successes) * (1 + 1e-7);
  double p = 0;
  for (int first = std::max(0, successes - second_trials); first <= std::min(first_trials, successes);
       ++first) {
    const double each = chance(first);
    if (each <= found) p += each;
  }
  return std::min(1.0, p);
}

MeansTest welch_test(const std::vector<double>& first, const std::vector<double>& second) {
  if (first.size() < 2 || second.size() < 2) {
    throw Error("Welch's test: want at least two values an arm, found " + std::to_string(first.size()) +
                " and " + std::to_string(second.size()));
  }
  const double difference = mean_of(first) - mean_of(second);
  const double a = variance(first, mean_of(first)) / static_cast<double>(first.size());
  const double b = variance(second, mean_of(second)) / static_cast<double>(second.size());
  MeansTest test;
  if (a + b <= 0) {
    test.p = difference == 0 ? 1 : 0;
    return test;
  }
  test.statistic = difference / std::sqrt(a + b);
  test.degrees =
      (a + b) * (a + b) /
      (a * a / static_cast<double>(first.size() - 1) + b * b / static_cast<double>(second.size() - 1));
  test.p = Eigen::numext::betainc(test.degrees / 2, 0.5,
                                  test.degrees / (test.degrees + test.statistic * test.statistic));
  return test;
}

double arrangements(std::size_t first, std::size_t second) {
  double count = 1;
  for (std::size_t i = 1; i <= first; ++i) count *= static_cast<double>(second + i) / static_cast<double>(i);
  return std::round(count);
}

double permutation_p(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> values = first;
  values.insert(values.end(), second.begin(), second.end());
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  const double share = static_cast<double>(first.size()) / static_cast<double>(values.size());
  const auto distance = [&](double sum) { return std::abs(sum - share * total); };
  // As far but for rounding counts.
  const double found = distance(std::accumulate(first.begin(), first.end(), 0.0)) * (1 - 1e-9);
  std::vector<char> taken(values.size(), 0);
  std::fill(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(first.size()), 1);
  double as_far = 0, all = 0;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += taken[i] != 0 ? values[i] : 0;
    all += 1;
    as_far += distance(sum) >= found ? 1 : 0;
  } while (std::prev_permutation(taken.begin(), taken.end()));
  return as_far / all;
}

Discordance discordance(double first, double second, double correlation) {
  const double spread = std::sqrt(first * (1 - first) * second * (1 - second));
  const double both = first * second + correlation * spread;
  constexpr double kRounding = 1e-12;
  const double least = std::max(0.0, first + second - 1), most = std::min(first, second);
  if (both < least - kRounding || both > most + kRounding) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "correlation of successes: rates of %g and %g allow from %.3g to %.3g, found %g", first,
                  second, (least - first * second) / spread, (most - first * second) / spread, correlation);
    throw UsageError(text);
  }
  return {std::max(0.0, first - both), std::max(0.0, second - both)};
}

double paired_power(const Discordance& chances, int episodes, double level) {
  const double either = chances.first_alone + chances.second_alone;
  if (either <= 0) return 0;
  const double share = chances.first_alone / either;
  // Beyond six deviations nothing counts.
  const double centre = either * episodes, reach = 6 * std::sqrt(centre * std::max(0.0, 1 - either)) + 1;
  double power = 0;
  int critical = -1;
  for (int m = std::max(0, static_cast<int>(centre - reach));
       m <= std::min(episodes, static_cast<int>(std::ceil(centre + reach))); ++m) {
    // It grows by at most one from one number of episodes to the next.
    if (critical < 0) {
      critical = critical_count(m, level);
    } else if (2 * binomial_below(critical, m, 0.5) >= level) {
      --critical;
    } else if (2 * binomial_below(critical + 1, m, 0.5) < level) {
      ++critical;
    }
    if (critical < 0) continue;
    const double weight =
        either >= 1
            ? 1
            : std::exp(log_choose(episodes, m) + m * std::log(either) + (episodes - m) * std::log1p(-either));
    power += weight * (binomial_below(critical, m, share) + binomial_below(critical, m, 1 - share));
  }
  return std::min(1.0, power);
}

int episodes_needed(const Discordance& chances, double power, double level) {
  // The exact test wants somewhat more than the normal approximation (Connor 1987).
  const double either = chances.first_alone + chances.second_alone;
  const double difference = chances.first_alone - chances.second_alone;
  const double root =
      Eigen::numext::ndtri(1 - level / 2) * std::sqrt(either) +
      Eigen::numext::ndtri(power) * std::sqrt(std::max(0.0, either - difference * difference));
  const double guess =
      difference == 0 ? kMostEpisodes : std::max(0.0, root) * root / (difference * difference);
  if (guess >= kMostEpisodes) return 0;
  const auto enough = [&](int episodes) { return paired_power(chances, episodes, level) >= power; };
  int low = static_cast<int>(guess), high = low + 8;
  if (enough(low)) low = 0;
  while (!enough(high)) {
    if (high >= kMostEpisodes) return 0;
    low = high;
    high = std::min(high + high / 8 + 8, kMostEpisodes);
  }
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace understudy
