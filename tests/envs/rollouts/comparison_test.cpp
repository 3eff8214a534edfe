#include "envs/rollouts/comparison.h"

#include <cmath>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Episodes from seed `first` on, each a success with probability `rate`; the return is 1 for it, and noise.
std::vector<EpisodeOutcome> drawn(Rng& rng, int episodes, double rate, std::uint64_t first = 100) {
  std::vector<EpisodeOutcome> outcomes;
  for (int e = 0; e < episodes; ++e) {
    EpisodeOutcome outcome;
    outcome.seed = first + static_cast<std::uint64_t>(e);
    outcome.success = rng.uniform(0, 1) < rate;
    outcome.episode_return = (outcome.success ? 1 : 0) + 0.1 * rng.normal();
    outcomes.push_back(outcome);
  }
  return outcomes;
}

/// `successes` and `failures` of returns 1 and 0.
std::vector<EpisodeOutcome> counted(const std::vector<int>& successes) {
  std::vector<EpisodeOutcome> outcomes;
  for (const int success : successes) {
    EpisodeOutcome outcome;
    outcome.seed = outcomes.size();
    outcome.success = success > 0;
    outcome.episode_return = success;
    outcomes.push_back(outcome);
  }
  return outcomes;
}

TEST_CASE("two arms that are the same are told apart in at most one comparison of twenty") {
  const int trainings = GENERATE(1, 4);
  Rng rng(3);
  int shown = 0;
  constexpr int kComparisons = 1000;
  for (int i = 0; i < kComparisons; ++i) {
    Arm a{"A", {}}, b{"B", {}};
    for (int t = 0; t < trainings; ++t) {
      // Trainings of one kind differ.
      a.trainings.push_back(drawn(rng, 40, trainings == 1 ? 0.7 : rng.uniform(0.5, 0.9)));
      b.trainings.push_back(drawn(rng, 40, trainings == 1 ? 0.7 : rng.uniform(0.5, 0.9)));
    }
    shown += compare(a, b, 1, 10).p < 0.05 ? 1 : 0;
  }
  CAPTURE(trainings, shown);
  CHECK(shown <= 50);
  CHECK(shown > 0);
}

TEST_CASE("a comparison has the figures known") {
  const Arm first{"new", {counted({1, 1, 1, 1, 1, 1, 1, 1, 0, 1})}},
      second{"old", {counted({0, 0, 0, 0, 0, 0, 0, 1, 1, 0})}};
  const Comparison found = compare(first, second);
  CHECK(found.paired);
  CHECK(found.test == "McNemar's exact test");
  CHECK(found.episodes == 10);
  CHECK(found.first_alone == 8);
  CHECK(found.second_alone == 1);
  CHECK(found.p == Approx(0.0390625));
  CHECK(found.difference == Approx(0.7));
  CHECK(found.difference_interval.low > 0);
  CHECK(found.difference_interval.high <= 1);
  CHECK(found.correlation == Approx((0.1 - 0.9 * 0.2) / std::sqrt(0.9 * 0.1 * 0.2 * 0.8)));
  CHECK(found.first.success.low == Approx(wilson_interval(9, 10).low));
  // Of 100 pairs 72 are better and 26 equal.
  CHECK(found.improvement == Approx(0.72 + 0.5 * 0.26));
  CHECK(found.profile.front().threshold == 0);
  CHECK(found.profile.front().first == Approx(0.9));
  CHECK(found.profile.front().second == Approx(0.2));
  CHECK(found.profile.back().first == 0);
  CHECK(found.verdict == "new beats old, p = 0.039");
  CHECK(compare(second, first).verdict == "new beats old, p = 0.039");
  CHECK(compare(first, first).verdict == "cannot tell, p = 1; both do equally well");
}

TEST_CASE("what cannot be told says how many more episodes would, and they do") {
  std::vector<int> nine_of_ten, eight_of_ten;
  for (int e = 0; e < 60; ++e) {
    nine_of_ten.push_back(e % 10 == 0 ? 0 : 1);
    eight_of_ten.push_back(e % 5 == 1 ? 0 : 1);
  }
  const Comparison found = compare({"A", {counted(nine_of_ten)}}, {"B", {counted(eight_of_ten)}});
  CHECK(found.p == Approx(0.2378845));
  CHECK(found.more_episodes > 100);
  CHECK_THAT(found.verdict,
             ContainsSubstring("about " + std::to_string(found.more_episodes) + " more episodes"));
  Rng rng(5);
  int shown = 0;
  for (int i = 0; i < 200; ++i) {
    const int episodes = 60 + found.more_episodes;
    shown += compare({"A", {drawn(rng, episodes, found.first.success_rate)}},
                     {"B", {drawn(rng, episodes, found.second.success_rate)}}, 1, 10)
                         .p < 0.05
                 ? 1
                 : 0;
  }
  CHECK(shown >= 140);
}

TEST_CASE("arms with some episodes in common are compared by these, and with none by Fisher's test") {
  Rng rng(1);
  const auto all = drawn(rng, 50, 0.5, 100), later = drawn(rng, 50, 0.9, 120),
             others = drawn(rng, 40, 0.9, 500);
  const Comparison some = compare({"A", {all}}, {"B", {later}});
  CHECK(some.paired);
  CHECK(some.episodes == 30);
  const Comparison none = compare({"A", {all}}, {"B", {others}});
  CHECK_FALSE(none.paired);
  CHECK(none.test == "Fisher's exact test");
  CHECK(none.p < 0.01);
}

TEST_CASE("several trainings an arm are compared as trainings, and one beside several is refused") {
  Rng rng(2);
  Arm good{"good", {}}, bad{"bad", {}};
  for (int t = 0; t < 4; ++t) {
    good.trainings.push_back(drawn(rng, 50, 0.9));
    bad.trainings.push_back(drawn(rng, 50, 0.5));
  }
  const Comparison found = compare(good, bad);
  CHECK(found.test == "permutation test of trainings");
  CHECK(found.first.training_rates.size() == 4);
  CHECK_THAT(found.verdict, StartsWith("good beats bad"));
  CHECK_THROWS_WITH(compare(good, {"one", {drawn(rng, 50, 0.5)}}),
                    ContainsSubstring("found one in the second"));
  CHECK_THROWS_WITH(compare(good, {"none", {{}}}), ContainsSubstring("none: has no episodes"));
}

TEST_CASE("where nobody succeeds returns decide") {
  Rng rng(4);
  auto low = drawn(rng, 50, 0), high = low;
  for (EpisodeOutcome& outcome : high) outcome.episode_return += 0.05 + 0.02 * rng.normal();
  const Comparison found = compare({"high", {high}}, {"low", {low}});
  CHECK(found.by_return);
  CHECK_THAT(found.verdict, StartsWith("high beats low"));
  CHECK(found.return_interval.low > 0);
}

}  // namespace
}  // namespace understudy
