// The statistics that every table of results rests on.

#include "envs/rollouts/intervals.h"

#include <cmath>
#include <vector>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("the Wilson interval gives the closed form at its ends and the textbook value inside") {
  // 0 of n: [0, z^2 / (n + z^2)] with z^2 = 3.8414588 (95 %), from setting the rate to 0 in Wilson's formula.
  const double z2 = 3.841458820694124;
  CHECK(wilson_interval(0, 20).low == 0.0);
  CHECK(wilson_interval(0, 20).high == Approx(z2 / (20 + z2)).epsilon(1e-12));
  CHECK(wilson_interval(20, 20).low == Approx(20 / (20 + z2)).epsilon(1e-12));
  CHECK(wilson_interval(20, 20).high == 1.0);
  // 81 of 263: [0.2553, 0.3662], the worked example of Newcombe (1998), table I, method 3.
  CHECK(wilson_interval(81, 263).low == Approx(0.2553).margin(5e-5));
  CHECK(wilson_interval(81, 263).high == Approx(0.3662).margin(5e-5));
}

TEST_CASE("the Wilson interval covers the true rate in about 95 % of samples") {
  Rng rng(3);
  const double rate = 0.9;
  int covered = 0;
  for (int sample = 0; sample < 4000; ++sample) {
    int successes = 0;
    for (int i = 0; i < 200; ++i) successes += rng.uniform() < rate ? 1 : 0;
    const Interval interval = wilson_interval(successes, 200);
    covered += interval.low <= rate && rate <= interval.high ? 1 : 0;
  }
  CHECK(covered / 4000.0 == Approx(0.95).margin(0.02));
}

TEST_CASE("the bootstrap interval of a mean is close to the normal one for many values") {
  Rng rng(5);
  std::vector<double> values(400);
  double mean = 0;
  for (double& value : values) mean += (value = 10 + 2 * rng.normal()) / 400;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / 399;
  const double half = 1.96 * std::sqrt(variance / 400);
  const Interval interval = bootstrap_mean_interval(values, 1);
  CHECK(interval.low == Approx(mean - half).margin(0.05));
  CHECK(interval.high == Approx(mean + half).margin(0.05));
}

TEST_CASE("a paired comparison sees a small difference that unpaired intervals hide") {
  Rng rng(7);
  std::vector<double> first;
  std::vector<double> second;
  for (int i = 0; i < 100; ++i) {
    const double difficulty = 10 * rng.normal();
    first.push_back(difficulty + 0.5 + 0.1 * rng.normal());
    second.push_back(difficulty + 0.1 * rng.normal());
  }
  CHECK(bootstrap_mean_interval(first, 1).low < bootstrap_mean_interval(second, 1).high);
  CHECK(paired_difference_interval(first, second, 1).low > 0.4);
  CHECK(paired_difference_interval(first, second, 1).high < 0.6);
}

}  // namespace
}  // namespace understudy
