#include "envs/tasks/pushing/polygon.h"

#include <numbers>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using Eigen::Isometry2d, Eigen::Rotation2Dd, Eigen::Translation2d, Eigen::Vector2d;

Polygon rectangle(double left, double bottom, double right, double top) {
  return {{left, bottom}, {right, bottom}, {right, top}, {left, top}};
}

Isometry2d motion(double x, double y, double angle) {
  return Translation2d(x, y) * Isometry2d(Rotation2Dd(angle));
}

/// A random convex polygon: corners on an ellipse in the order of their angles.
Polygon draw_convex(Rng& rng) {
  std::vector<double> angles(3 + rng.below(6));
  for (double& angle : angles) angle = rng.uniform(0, 2 * std::numbers::pi);
  std::sort(angles.begin(), angles.end());
  const double a = rng.uniform(0.5, 2), b = rng.uniform(0.5, 2);
  Polygon polygon;
  for (const double angle : angles) polygon.emplace_back(a * std::cos(angle), b * std::sin(angle));
  return moved(polygon, motion(rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), rng.uniform(0, 3)));
}

bool inside(const Polygon& polygon, const Vector2d& point) {
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vector2d along = polygon[(i + 1) % polygon.size()] - polygon[i], to = point - polygon[i];
    if (along.x() * to.y() - along.y() * to.x() < 0) return false;
  }
  return true;
}

TEST_CASE("the area of a triangle is half base times height, negative if it runs clockwise") {
  CHECK(area({{0, 0}, {4, 0}, {1, 3}}) == Approx(6));
  CHECK(area({{0, 0}, {1, 3}, {4, 0}}) == Approx(-6));
  CHECK(area({{0, 0}, {4, 0}}) == 0);
  CHECK(area({}) == 0);
}

TEST_CASE("a polygon and itself have all of it in common, corners and edges coinciding") {
  const Polygon square = rectangle(-1, 0, 2, 5);
  CHECK(area(intersection(square, square)) == Approx(15).epsilon(1e-14));
}

TEST_CASE("squares shifted by half share half; squares that touch or are apart share nothing") {
  const Polygon square = rectangle(0, 0, 2, 2);
  CHECK(area(intersection(square, rectangle(1, 0, 3, 2))) == Approx(2));
  CHECK(area(intersection(square, rectangle(1, 1, 3, 3))) == Approx(1));
  CHECK(area(intersection(square, rectangle(2, 0, 4, 2))) == 0);
  CHECK(area(intersection(square, rectangle(2, 2, 4, 4))) == 0);
  CHECK(area(intersection(square, rectangle(2.5, 0, 4, 2))) == 0);
  CHECK(area(intersection(square, {})) == 0);
  CHECK(area(intersection({}, square)) == 0);
}

TEST_CASE("a square and the same square turned by 45 degrees share a regular octagon") {
  const Polygon square = rectangle(-1, -1, 1, 1);
  const Polygon shared = intersection(square, moved(square, motion(0, 0, std::numbers::pi / 4)));
  CHECK(shared.size() == 8);
  // Inradius 1: area 8 tan(pi / 8).
  CHECK(area(shared) == Approx(8 * std::tan(std::numbers::pi / 8)).epsilon(1e-14));
}

TEST_CASE("an intersection lies inside both, does not depend on their order and moves with them") {
  Rng rng(11);
  int overlapping = 0;
  for (int i = 0; i < 300; ++i) {
    CAPTURE(i);
    const Polygon a = draw_convex(rng), b = draw_convex(rng);
    const double shared = area(intersection(a, b));
    CHECK(shared >= 0);
    CHECK(shared <= std::min(area(a), area(b)) + 1e-12);
    CHECK(area(intersection(b, a)) == Approx(shared).margin(1e-12));
    const Isometry2d anywhere = motion(rng.uniform(-9, 9), rng.uniform(-9, 9), rng.uniform(-3, 3));
    CHECK(area(intersection(moved(a, anywhere), moved(b, anywhere))) == Approx(shared).margin(1e-11));
    // What b takes from a and what it leaves add up: cut a along one line from both sides.
    const Polygon above = rectangle(-9, 0.1, 9, 9), below = rectangle(-9, -9, 9, 0.1);
    CHECK(common_area({a}, {above, below}) == Approx(area(a)).margin(1e-12));
    overlapping += shared > 0.1;
  }
  CHECK(overlapping > 100);
}

TEST_CASE("the exact area agrees with counting random points") {
  Rng rng(12);
  constexpr int kPoints = 20000;
  constexpr double kHalf = 3.2;  // every polygon lies within this square
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    const Polygon a = draw_convex(rng), b = draw_convex(rng);
    int hits = 0;
    for (int k = 0; k < kPoints; ++k) {
      const Vector2d point(rng.uniform(-kHalf, kHalf), rng.uniform(-kHalf, kHalf));
      hits += inside(a, point) && inside(b, point);
    }
    const double square = 4 * kHalf * kHalf, share = static_cast<double>(hits) / kPoints;
    // Four standard deviations of a binomial count, and one point for shares near 0.
    const double tolerance = square * (4 * std::sqrt(share * (1 - share) / kPoints) + 1.0 / kPoints);
    CHECK(std::abs(area(intersection(a, b)) - share * square) < tolerance);
  }
}

}  // namespace
}  // namespace understudy
