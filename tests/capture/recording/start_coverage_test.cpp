#include "capture/recording/start_coverage.h"

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

const Space kCube({{"to_cube", 2, "m", -1, 1, ""}, {"opening", 1, "m", 0, 1, ""}});

/// A cube that lies anywhere in a square of 1 m, the hand always open as far.
Matrix squares(int count, std::uint64_t seed) {
  Rng rng(seed);
  Matrix starts(count, 3);
  for (int i = 0; i < count; ++i) {
    starts.row(i) << static_cast<float>(rng.uniform(-0.5, 0.5)), static_cast<float>(rng.uniform(-0.5, 0.5)),
        0.08F;
  }
  return starts;
}

Vector start(float x, float y) {
  Vector result(3);
  result << x, y, 0.08F;
  return result;
}

TEST_CASE("a start that was recorded has distance 0, and distances grow with the way") {
  StartCoverage coverage(squares(200, 1), kCube);
  CHECK(std::isinf(coverage.distance(start(0, 0))));
  coverage.add(start(0.1F, 0.2F));
  CHECK(coverage.distance(start(0.1F, 0.2F)) == 0);
  const double near = coverage.distance(start(0.15F, 0.2F));
  CHECK(coverage.distance(start(0.3F, 0.2F)) == Approx(4 * near).epsilon(1e-4));
  // What never varies says nothing.
  Vector other = start(0.1F, 0.2F);
  other[2] = 1;
  CHECK(coverage.distance(other) == 0);
}

TEST_CASE("the reach is what the arithmetic of a square says") {
  // Among n random points in a square of area 1 the nearest is further than r with probability (1 - pi r^2)^n,
  // so that its median is sqrt((1 - 2^(-1 / n)) / pi): 0.0662 m for 50, a little more at the edges.
  StartCoverage coverage(squares(2000, 2), kCube);
  coverage.add(start(0, 0));
  const double way = 0.0662;
  CHECK(coverage.distance(start(static_cast<float>(way), 0)) == Approx(1).epsilon(0.12));
}

TEST_CASE("50 starts drawn by chance cover about half, 400 nearly everything, none nothing") {
  StartCoverage coverage(squares(500, 3), kCube);
  CHECK(coverage.share() == 0);
  const Matrix recorded = squares(400, 4);
  for (int i = 0; i < 50; ++i) coverage.add(recorded.row(i).transpose());
  CHECK(coverage.share() == Approx(0.5).margin(0.12));
  for (int i = 50; i < 400; ++i) coverage.add(recorded.row(i).transpose());
  CHECK(coverage.share() > 0.95);
}

TEST_CASE("what is taken back no longer counts") {
  StartCoverage coverage(squares(300, 5), kCube);
  coverage.add(start(-0.4F, -0.4F));
  const double one = coverage.share();
  coverage.add(start(0.4F, 0.4F));
  CHECK(coverage.share() > one);
  coverage.take_back();
  CHECK(coverage.share() == one);
  CHECK(coverage.recorded() == 1);
  CHECK(coverage.distance(start(0.4F, 0.4F)) > 1);
}

TEST_CASE("a half of the square without demonstrations is named, and nothing when they are spread evenly") {
  StartCoverage coverage(squares(300, 6), kCube);
  Rng rng(7);
  for (int i = 0; i < 12; ++i) {
    coverage.add(start(static_cast<float>(rng.uniform(-0.5, 0.5)), static_cast<float>(rng.uniform(-0.5, 0))));
    CHECK((coverage.missing().empty() || coverage.recorded() >= StartCoverage::kFewest));
  }
  CHECK(coverage.missing() == "few where to cube y is high (0 of 12)");
  const HudCoverage here = coverage.look(start(0, 0.5F));
  CHECK_THAT(here.here, ContainsSubstring("a new one"));
  StartCoverage even(squares(300, 6), kCube);
  for (const float x : {-0.4F, 0.0F, 0.4F}) {
    for (const float y : {-0.4F, 0.0F, 0.4F}) even.add(start(x, y));
  }
  CHECK(even.missing() == "");
}

TEST_CASE("too few drawn starts, or of another size, are refused") {
  CHECK_THROWS_WITH(StartCoverage(squares(50, 1), kCube), ContainsSubstring("want more than 50 rows of 3"));
  CHECK_THROWS_AS(StartCoverage(Matrix(100, 2), kCube), Error);
}

}  // namespace
}  // namespace understudy::tests
