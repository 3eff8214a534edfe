#include "envs/rollouts/selection.h"

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

std::vector<double> coins(double success, int episodes, Rng& rng) {
  std::vector<double> figures;
  for (int i = 0; i < episodes; ++i) figures.push_back(rng.uniform() < success ? 100 : 0);
  return figures;
}

TEST_CASE(
    "the best of ten equal candidates is expected as far above their mean as ten normal draws' greatest") {
  // 100 episodes of 50 % have a deviation of 5 points; the greatest of ten standard normal draws is 1.539 on average
  // (David & Nagaraja 2003), so 57.7 %. Their common mean is what 1000 coins show, 1.6 points of deviation.
  Rng rng(3);
  double expected = 0;
  int rejected = 0;
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<std::vector<double>> figures;
    for (int i = 0; i < 10; ++i) figures.push_back(coins(0.5, 100, rng));
    const BestByLuck luck = best_by_luck(figures, 1, 200);
    CHECK(luck.best >= 50);
    expected += luck.expected / 100;
    rejected += luck.p <= 0.05 ? 1 : 0;
  }
  CHECK(expected == Approx(57.7).margin(0.5));
  CHECK(rejected <= 11);  // of 100 at 5 %: 12 or more have a probability of 0.4 %
}

TEST_CASE(
    "a candidate that is better than all others is no luck, and one alone has nothing to be lucky against") {
  Rng rng(4);
  std::vector<std::vector<double>> figures{coins(0.9, 100, rng)};
  CHECK(best_by_luck(figures, 1).expected == Approx(best_by_luck(figures, 1).best));
  CHECK(best_by_luck(figures, 1).p == 1);
  for (int i = 0; i < 5; ++i) figures.push_back(coins(0.5, 100, rng));
  CHECK(best_by_luck(figures, 1).p < 0.001);
}

TEST_CASE("candidates that agree in every episode are equally good by no luck at all") {
  Rng rng(5);
  const std::vector<double> one = coins(0.5, 50, rng);
  const BestByLuck luck = best_by_luck({one, one, one}, 1, 100);
  CHECK(luck.expected == Approx(luck.best));
  CHECK(luck.p == 1);
}

TEST_CASE("candidates of different episodes are refused") {
  CHECK_THROWS_WITH(best_by_luck({{1, 2}, {1}}, 1), ContainsSubstring("want the same 2 episodes"));
}

}  // namespace
}  // namespace understudy
