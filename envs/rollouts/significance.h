#pragma once
/// \file Whether a difference between two arms was luck, and how many episodes it takes to know.
///
/// All tests are two-sided. Outcomes of two policies on the same episodes are compared by the episodes in which just
/// one of them succeeded; a test sees nothing else of them.

#include <cstddef>
#include <vector>

namespace understudy {

/// The p-value of McNemar's exact test (McNemar 1947): of the episodes in which just one arm succeeded, `first_alone`
/// were the first's and `second_alone` the second's. 1 without any. Counts from 0.
double mcnemar_p(int first_alone, int second_alone);

/// The p-value of Fisher's exact test of two success rates on different episodes: all tables with these margins that
/// are no likelier than the one found (Fisher 1922). Trials of at least 1.
double fisher_p(int first_successes, int first_trials, int second_successes, int second_trials);

struct MeansTest {
  double statistic = 0;
  double degrees = 0;  ///< of freedom; need not be whole
  double p = 1;
};

/// Welch's test of two means of at least two values each (Welch 1947); of values that are all the same, p is 1 when
/// the means are equal and else 0.
MeansTest welch_test(const std::vector<double>& first, const std::vector<double>& second);

/// Ways to deal the values of both arms out again to arms of their sizes; as a floating-point number, for there may be
/// many.
double arrangements(std::size_t first, std::size_t second);

/// The p-value of the permutation test of two means (Fisher 1935): the share of all arrangements whose means differ by
/// no less. It assumes nothing of the values but that under luck alone any arrangement is as likely. At least one value
/// each, and no more arrangements than fit the time: each costs as many additions as the first arm has values.
double permutation_p(const std::vector<double>& first, const std::vector<double>& second);

/// How often just one of two policies succeeds in an episode.
struct Discordance {
  double first_alone = 0;   ///< probability
  double second_alone = 0;  ///< probability
};

/// Of policies that succeed with probabilities `first` and `second` in [0, 1], whose successes in the same episode
/// correlate by `correlation`. Throws UsageError, with the range, where no two such policies can.
Discordance discordance(double first, double second, double correlation = 0);

/// The probability that McNemar's exact test of `episodes` finds p < `level`.
double paired_power(const Discordance& chances, int episodes, double level = 0.05);

/// The fewest episodes with a power of at least `power` in (0, 1); 0 when 100,000 are not enough.
int episodes_needed(const Discordance& chances, double power, double level = 0.05);

}  // namespace understudy
