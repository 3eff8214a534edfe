#include "envs/rollouts/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "envs/rollouts/significance.h"

namespace understudy {
namespace {

constexpr double kLevel = 0.05;
constexpr double kPower = 0.8;
constexpr double kFewestArrangements = 40;     // of which two can be p < 0.05, whichever arm is the better
constexpr double kMostArrangements = 200'000;  // under a second
constexpr int kProfilePoints = 21;

using Outcomes = std::vector<EpisodeOutcome>;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::set<std::uint64_t> seeds_of(const Outcomes& outcomes) {
  std::set<std::uint64_t> seeds;
  for (const EpisodeOutcome& outcome : outcomes) seeds.insert(outcome.seed);
  return seeds;
}

std::set<std::uint64_t> common(const std::set<std::uint64_t>& a, const std::set<std::uint64_t>& b) {
  std::set<std::uint64_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

std::set<std::uint64_t> common_seeds(const Arm& arm) {
  if (arm.trainings.empty() || arm.trainings.front().empty())
    throw Error(arm.name + ": has no episodes to compare");
  std::set<std::uint64_t> seeds = seeds_of(arm.trainings.front());
  for (const Outcomes& outcomes : arm.trainings) seeds = common(seeds, seeds_of(outcomes));
  if (seeds.empty()) {
    throw Error(arm.name +
                ": its trainings were evaluated on different episodes; evaluate them with one --seed");
  }
  return seeds;
}

/// One value an episode and training: rows are trainings.
struct Values {
  std::vector<std::vector<double>> of;

  std::size_t trainings() const { return of.size(); }
  std::size_t episodes() const { return of.front().size(); }
  std::vector<double> means() const {
    std::vector<double> means;
    for (const auto& training : of) means.push_back(mean(training));
    return means;
  }
  std::vector<double> all() const {
    std::vector<double> joined;
    for (const auto& training : of) joined.insert(joined.end(), training.begin(), training.end());
    return joined;
  }
};

template <class Value>
Values values_of(const Arm& arm, const std::set<std::uint64_t>& seeds, const Value& value) {
  Values values;
  for (const Outcomes& outcomes : arm.trainings) {
    std::map<std::uint64_t, double> by_seed;
    for (const EpisodeOutcome& outcome : outcomes) {
      if (seeds.count(outcome.seed) > 0) by_seed[outcome.seed] = value(outcome);
    }
    auto& row = values.of.emplace_back();
    for (const auto& [seed, each] : by_seed) row.push_back(each);
  }
  return values;
}

/// Trainings and episodes drawn again, with replacement.
struct Drawn {
  std::vector<std::size_t> trainings, episodes;
};

Drawn draw(const Values& values, Rng& rng) {
  Drawn drawn;
  for (std::size_t i = 0; i < values.trainings(); ++i)
    drawn.trainings.push_back(rng.below(values.trainings()));
  for (std::size_t i = 0; i < values.episodes(); ++i) drawn.episodes.push_back(rng.below(values.episodes()));
  return drawn;
}

double mean_of(const Values& values, const Drawn& drawn) {
  double sum = 0;
  for (const std::size_t training : drawn.trainings) {
    for (const std::size_t episode : drawn.episodes) sum += values.of[training][episode];
  }
  return sum / static_cast<double>(drawn.trainings.size() * drawn.episodes.size());
}

Interval middle_95(const std::vector<double>& results) {
  const auto quantile = [&](double q) {
    return results[static_cast<std::size_t>(std::lround(q * static_cast<double>(results.size() - 1)))];
  };
  return {quantile(0.025), quantile(0.975)};
}

/// Values of `statistic` of each arm's episodes drawn again, sorted; paired arms draw the same episodes.
template <class Statistic>
std::vector<double> bootstrap(const Values& first, const Values& second, bool paired, std::uint64_t seed,
                              int resamples, const Statistic& statistic) {
  Rng rng(seed);
  std::vector<double> results;
  for (int i = 0; i < resamples; ++i) {
    const Drawn a = draw(first, rng);
    Drawn b = draw(second, rng);
    if (paired) b.episodes = a.episodes;
    results.push_back(statistic(a, b));
  }
  std::sort(results.begin(), results.end());
  return results;
}

double difference_of(const Values& first, const Drawn& a, const Values& second, const Drawn& b) {
  return mean_of(first, a) - mean_of(second, b);
}

/// P(a > b) + P(a = b) / 2, of each value of `first` with each of `second`, by the ranks of both together.
class Improvement {
 public:
  Improvement(const Values& first, const Values& second) : first_(first), second_(second) {
    std::vector<double> sorted = first.all();
    const std::vector<double> others = second.all();
    sorted.insert(sorted.end(), others.begin(), others.end());
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    const auto rank = [&](Values& values) {
      for (auto& row : values.of) {
        for (double& value : row) {
          value = static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
        }
      }
    };
    rank(first_);
    rank(second_);
    counts_.resize(sorted.size());
  }

  double operator()(const Drawn& a, const Drawn& b) {
    // counts_[r]: of the second's values of rank r, then of those below it and half of those at it.
    std::fill(counts_.begin(), counts_.end(), 0.0);
    for (const std::size_t t : b.trainings)
      for (const std::size_t e : b.episodes) ++counts_[static_cast<std::size_t>(second_.of[t][e])];
    double below = 0;
    for (double& count : counts_) {
      const double here = count;
      count = below + 0.5 * here;
      below += here;
    }
    double sum = 0;
    for (const std::size_t t : a.trainings)
      for (const std::size_t e : a.episodes) sum += counts_[static_cast<std::size_t>(first_.of[t][e])];
    return sum / (static_cast<double>(a.trainings.size() * a.episodes.size()) * below);
  }

 private:
  Values first_, second_;  ///< ranks
  std::vector<double> counts_;
};

Drawn everything(const Values& values) {
  Drawn all{std::vector<std::size_t>(values.trainings()), std::vector<std::size_t>(values.episodes())};
  std::iota(all.trainings.begin(), all.trainings.end(), std::size_t{0});
  std::iota(all.episodes.begin(), all.episodes.end(), std::size_t{0});
  return all;
}

ArmFigures figures(const Values& successes, const Values& returns, std::uint64_t seed, int resamples) {
  ArmFigures arm;
  arm.training_rates = successes.means();
  arm.success_rate = mean(arm.training_rates);
  if (successes.trainings() == 1) {
    const auto count =
        static_cast<int>(std::lround(arm.success_rate * static_cast<double>(successes.episodes())));
    arm.success = wilson_interval(count, static_cast<int>(successes.episodes()));
  } else {
    arm.success =
        middle_95(bootstrap(successes, successes, true, seed, resamples,
                            [&](const Drawn& drawn, const Drawn&) { return mean_of(successes, drawn); }));
  }
  arm.mean_return = mean(returns.means());
  arm.middle_return = interquartile_mean(returns.all(), seed, resamples);
  return arm;
}

std::vector<ProfilePoint> profile(const Values& first, const Values& second) {
  std::vector<double> a = first.all(), b = second.all(), both = a;
  both.insert(both.end(), b.begin(), b.end());
  for (auto* values : {&a, &b, &both}) std::sort(values->begin(), values->end());
  const auto above = [](const std::vector<double>& sorted, double threshold) {
    return static_cast<double>(sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), threshold)) /
           static_cast<double>(sorted.size());
  };
  std::vector<ProfilePoint> points;
  for (int i = 0; i < kProfilePoints; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * (both.size() - 1) / (kProfilePoints - 1);
    points.push_back({both[at], above(a, both[at]), above(b, both[at])});
  }
  return points;
}

double variance(const std::vector<double>& values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(values.size() - 1);
}

/// One training an arm, on the same episodes.
void test_paired(Comparison& result, const Values& first, const Values& second) {
  result.test = "McNemar's exact test";
  int both = 0;
  for (std::size_t e = 0; e < first.episodes(); ++e) {
    const bool a = first.of[0][e] > 0, b = second.of[0][e] > 0;
    result.first_alone += a && !b ? 1 : 0;
    result.second_alone += b && !a ? 1 : 0;
    both += a && b ? 1 : 0;
  }
  result.p = mcnemar_p(result.first_alone, result.second_alone);
  const double n = result.episodes, rate = result.first.success_rate, other = result.second.success_rate;
  const double spread = std::sqrt(rate * (1 - rate) * other * (1 - other));
  result.correlation = spread > 0 ? (both / n - rate * other) / spread : 0;
  if (result.p < kLevel || result.difference == 0) return;
  result.more_episodes = std::max(
      0, episodes_needed({result.first_alone / n, result.second_alone / n}, kPower) - result.episodes);
}

/// One training an arm, on different episodes.
void test_unpaired(Comparison& result, const Values& first, const Values& second) {
  result.test = "Fisher's exact test";
  const auto count = [](const Values& values) {
    return static_cast<int>(std::lround(mean(values.of[0]) * static_cast<double>(values.episodes())));
  };
  const int n = static_cast<int>(first.episodes()), m = static_cast<int>(second.episodes());
  result.p = fisher_p(count(first), n, count(second), m);
  if (result.p < kLevel || result.difference == 0) return;
  const int needed =
      episodes_needed(discordance(result.first.success_rate, result.second.success_rate), kPower);
  result.more_episodes = std::max(0, needed - std::min(n, m));
}

/// One training an arm, of a task that nobody succeeds in: twice the share of differences of returns, of episodes drawn
/// again, that have the other sign (Efron 1979).
void test_returns(Comparison& result, const std::vector<double>& differences) {
  result.test = "bootstrap of returns";
  const auto share = [&](bool negative) {
    const auto count = std::count_if(differences.begin(), differences.end(),
                                     [&](double each) { return negative ? each <= 0 : each >= 0; });
    return static_cast<double>(count) / static_cast<double>(differences.size());
  };
  result.p =
      std::clamp(2 * std::min(share(true), share(false)), 1.0 / static_cast<double>(differences.size()), 1.0);
}

/// Several trainings in both arms.
void test_trainings(Comparison& result, const std::vector<double>& first, const std::vector<double>& second) {
  if (first.size() < 2 || second.size() < 2) {
    throw Error(std::string("compare: want one training in each arm or several in each, found one in the ") +
                (first.size() < 2 ? "first" : "second") +
                "; of one training nobody knows how far the next would be from it");
  }
  const double ways = arrangements(first.size(), second.size());
  const bool permuted = ways > kFewestArrangements && ways <= kMostArrangements;
  result.test = permuted ? "permutation test of trainings" : "Welch's test of trainings";
  result.p = permuted ? permutation_p(first, second) : welch_test(first, second).p;
  const double difference = mean(first) - mean(second);
  if (result.p < kLevel || difference == 0) return;
  constexpr double kBoth =
      1.959963984540054 + 0.8416212335729143;  // normal quantiles of the level and the power
  const double needed = kBoth * kBoth * (variance(first) + variance(second)) / (difference * difference);
  result.more_trainings = std::max(1, static_cast<int>(std::ceil(std::min(needed, 1e6))) -
                                          static_cast<int>(std::min(first.size(), second.size())));
}

std::string verdict(const Comparison& result, const std::string& first, const std::string& second) {
  const double difference = result.by_return ? result.return_difference : result.difference;
  char text[160];
  if (result.p < kLevel) {
    std::snprintf(text, sizeof text, ", p = %.2g", result.p);
    return (difference > 0 ? first + " beats " + second : second + " beats " + first) + text;
  }
  std::snprintf(text, sizeof text, "cannot tell, p = %.2g", result.p);
  std::string line = text;
  if (result.more_episodes > 0) {
    std::snprintf(text, sizeof text, "; about %d more episodes would, if the rates are these",
                  result.more_episodes);
    line += text;
  } else if (result.more_trainings > 0) {
    std::snprintf(text, sizeof text, "; about %d more trainings an arm would, if the means are these",
                  result.more_trainings);
    line += text;
  } else if (difference == 0) {
    line += "; both do equally well";
  }
  return line;
}

}  // namespace

Comparison compare(const Arm& first, const Arm& second, std::uint64_t seed, int resamples) {
  std::set<std::uint64_t> first_seeds = common_seeds(first), second_seeds = common_seeds(second);
  const std::set<std::uint64_t> shared = common(first_seeds, second_seeds);
  Comparison result;
  result.paired = !shared.empty();
  if (result.paired) first_seeds = second_seeds = shared;
  result.episodes = static_cast<int>(std::min(first_seeds.size(), second_seeds.size()));

  const auto success = [](const EpisodeOutcome& outcome) { return outcome.success ? 1.0 : 0.0; };
  const auto total = [](const EpisodeOutcome& outcome) { return outcome.episode_return; };
  const Values a = values_of(first, first_seeds, success), b = values_of(second, second_seeds, success);
  const Values c = values_of(first, first_seeds, total), d = values_of(second, second_seeds, total);
  result.first = figures(a, c, seed, resamples);
  result.second = figures(b, d, seed, resamples);
  result.difference = result.first.success_rate - result.second.success_rate;
  result.return_difference = result.first.mean_return - result.second.mean_return;
  result.profile = profile(c, d);
  result.difference_interval =
      middle_95(bootstrap(a, b, result.paired, seed, resamples,
                          [&](const Drawn& x, const Drawn& y) { return difference_of(a, x, b, y); }));
  const std::vector<double> differences =
      bootstrap(c, d, result.paired, seed, resamples,
                [&](const Drawn& x, const Drawn& y) { return difference_of(c, x, d, y); });
  result.return_interval = middle_95(differences);
  Improvement improvement(c, d);
  result.improvement = improvement(everything(c), everything(d));
  result.improvement_interval =
      middle_95(bootstrap(c, d, result.paired, seed, resamples,
                          [&](const Drawn& x, const Drawn& y) { return improvement(x, y); }));

  result.by_return = result.first.success_rate == 0 && result.second.success_rate == 0;
  if (first.trainings.size() > 1 || second.trainings.size() > 1) {
    const Values &x = result.by_return ? c : a, &y = result.by_return ? d : b;
    test_trainings(result, x.means(), y.means());
  } else if (result.by_return) {
    test_returns(result, differences);
  } else if (result.paired) {
    test_paired(result, a, b);
  } else {
    test_unpaired(result, a, b);
  }
  result.verdict = verdict(result, first.name, second.name);
  return result;
}

}  // namespace understudy
