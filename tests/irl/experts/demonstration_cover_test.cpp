#include "irl/experts/demonstration_cover.h"

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Steps along a line from 0 to 99, `aside` of it; the second entry varies with the demonstration only.
Matrix along(float aside, int steps = 100) {
  Matrix observations(steps, 2);
  for (int t = 0; t < steps; ++t) observations.row(t) << static_cast<float>(t), aside;
  return observations;
}

TEST_CASE("demonstrations on parallel lines are as far from each other as the lines", "[irl]") {
  // Lines at -1 and 1: a deviation of 1, and 2 between them; the nearest step of the other is the same step.
  const DemonstrationCover cover({along(-1), along(1)});
  CHECK(cover.reach() == Approx(2).epsilon(1e-3));
  // At 3 an observation is 2 from the nearer line, and one deviation further is 3.
  CHECK(static_cast<double>(cover.distances(along(3)).maxCoeff()) == Approx(2).epsilon(1e-3));
  CHECK(static_cast<double>(cover.distances(along(4)).minCoeff()) == Approx(3).epsilon(1e-3));
}

TEST_CASE("an episode leaves the demonstrations at the first step of a stretch outside, not of a single step",
          "[irl]") {
  const DemonstrationCover cover({along(-1), along(1)});
  CHECK_FALSE(cover.left_at(along(0)).has_value());
  Matrix gone = along(0);
  gone.bottomRows(60).col(1).setConstant(5);
  CHECK(cover.left_at(gone) == 40);
  Matrix once = along(0);
  once.middleRows(20, DemonstrationCover::kStretch - 1).col(1).setConstant(5);
  CHECK_FALSE(cover.left_at(once).has_value());
  once.middleRows(20, DemonstrationCover::kStretch).col(1).setConstant(5);
  CHECK(cover.left_at(once) == 20);
  Matrix at_the_end = along(0);
  at_the_end.bottomRows(DemonstrationCover::kLastStretch - 1).col(1).setConstant(5);
  CHECK_FALSE(cover.left_at(at_the_end).has_value());
  at_the_end.bottomRows(DemonstrationCover::kLastStretch).col(1).setConstant(5);
  CHECK(cover.left_at(at_the_end) == 97);
}

TEST_CASE(
    "every so manyth observation stands for all where there are many, and an entry that never changes counts "
    "as it is",
    "[irl]") {
  Matrix first = along(0, 1000), second = along(0, 1000);
  const DemonstrationCover all({first, second}), some({first, second}, 200);
  CHECK(all.reach() == Approx(0).margin(1e-3));
  // Every tenth step: the last is 9 steps of 1 away, the most, in deviations of 288.7.
  CHECK(static_cast<double>(some.distances(along(0, 1000)).maxCoeff()) == Approx(9 / 288.7).epsilon(0.01));
  CHECK(static_cast<double>(some.distances(along(7, 1000)).minCoeff()) == Approx(7).epsilon(1e-3));
}

TEST_CASE("a single demonstration has no other to be far from", "[irl]") {
  CHECK_THROWS_WITH(DemonstrationCover({along(0)}), ContainsSubstring("want at least 2"));
}

}  // namespace
}  // namespace understudy
