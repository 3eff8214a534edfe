#include "envs/tasks/pushing/polygon.h"

namespace understudy {
namespace {

using Eigen::Vector2d;

double cross(const Vector2d& a, const Vector2d& b) {
  return a.x() * b.y() - a.y() * b.x();
}

/// The part of `polygon` to the left of the line from `begin` to `end`.
Polygon cut(const Polygon& polygon, const Vector2d& begin, const Vector2d& end) {
  Polygon left;
  left.reserve(polygon.size() + 1);
  const Vector2d along = end - begin;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Vector2d& from = polygon[i];
    const Vector2d& to = polygon[(i + 1) % polygon.size()];
    const double from_side = cross(along, from - begin), to_side = cross(along, to - begin);
    if (from_side >= 0) left.push_back(from);
    // Only a strict change of sides makes a new corner: the divisor cannot be 0.
    if ((from_side > 0 && to_side < 0) || (from_side < 0 && to_side > 0)) {
      left.push_back(from + (to - from) * (from_side / (from_side - to_side)));
    }
  }
  return left;
}

}  // namespace

double area(const Polygon& polygon) {
  double twice = 0;
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    twice += cross(polygon[i], polygon[(i + 1) % polygon.size()]);
  }
  return twice / 2;
}

Polygon intersection(const Polygon& subject, const Polygon& window) {
  if (window.size() < 3) return {};
  Polygon rest = subject;
  for (std::size_t i = 0; i < window.size() && !rest.empty(); ++i) {
    rest = cut(rest, window[i], window[(i + 1) % window.size()]);
  }
  return rest;
}

Polygon moved(const Polygon& polygon, const Eigen::Isometry2d& motion) {
  Polygon result;
  result.reserve(polygon.size());
  for (const Vector2d& corner : polygon) result.push_back(motion * corner);
  return result;
}

double common_area(const std::vector<Polygon>& first, const std::vector<Polygon>& second) {
  double sum = 0;
  for (const Polygon& a : first) {
    for (const Polygon& b : second) sum += area(intersection(a, b));
  }
  return sum;
}

}  // namespace understudy
