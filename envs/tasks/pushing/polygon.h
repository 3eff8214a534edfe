#pragma once
/// \file Areas of convex polygons and of what two of them have in common, exact up to rounding.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <vector>

namespace understudy {

/// Corners of a convex polygon in counter-clockwise order; fewer than three enclose nothing.
using Polygon = std::vector<Eigen::Vector2d>;

/// Shoelace formula; negative if the corners run clockwise.
double area(const Polygon& polygon);

/// What `subject` and `window` have in common: `subject` is cut along the line of every edge of `window`
/// (Sutherland and Hodgman 1974). Both convex and counter-clockwise, and so is the answer. Empty or of
/// area 0 when they only touch.
Polygon intersection(const Polygon& subject, const Polygon& window);

/// Every corner moved by `motion`, a rotation and a translation.
Polygon moved(const Polygon& polygon, const Eigen::Isometry2d& motion);

/// Area that the unions of `first` and of `second` have in common. Pieces of one union must not overlap.
double common_area(const std::vector<Polygon>& first, const std::vector<Polygon>& second);

}  // namespace understudy
