#pragma once
/// \file Confidence intervals: of a success rate, of a mean, of an interquartile
/// mean, of a paired difference.

#include <cstdint>
#include <vector>

namespace understudy {

struct Interval {
  double low = 0;
  double high = 0;
};

/// 95 % Wilson score interval for `successes` of `trials` (Wilson 1927). trials > 0.
Interval wilson_interval(int successes, int trials);

/// 95 % percentile bootstrap interval of the mean, `resamples` draws (Efron 1979). At least one value.
Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed, int resamples = 2000);

/// 95 % bootstrap interval of mean(first) - mean(second) for values paired by seed; both have the same size.
Interval paired_difference_interval(const std::vector<double>& first, const std::vector<double>& second,
                                    std::uint64_t seed);

/// The interquartile mean (IQM): the mean of the middle half of the values, which a single outlier hardly
/// moves (Agarwal et al. 2021). With its 95 % percentile bootstrap interval.
struct InterquartileMean {
  double value = 0;
  Interval interval;
};
/// At least one value. `seed` feeds the resampling only.
InterquartileMean interquartile_mean(const std::vector<double>& values, std::uint64_t seed = 1,
                                     int resamples = 2000);

}  // namespace understudy
