#pragma once
/// \file The T-shaped block of Push: its geometry (PushT's, 1 px = 1 mm) and how much of the goal it covers.
///
/// The block's axes: x along the stem towards the bar, y along the bar, origin in the middle of
/// the area. With heading 0 and x pointing away from the viewer it is an upright T. Lengths in
/// metres, angles in radians.

#include <array>
#include <vector>

#include "envs/tasks/pushing/polygon.h"

namespace understudy::push {

inline constexpr double kBarLength = 0.12;
inline constexpr double kBarWidth = 0.03;
inline constexpr double kStemLength = 0.09;
inline constexpr double kStemWidth = 0.03;
inline constexpr double kTeeHeight = 0.03;
inline constexpr double kTeeArea = kBarLength * kBarWidth + kStemLength * kStemWidth;  ///< m²
/// From the middle of the bar's outer edge, where PushT has the block's origin, to the middle of the area.
inline constexpr double kCentreDepth =
    (kBarLength * kBarWidth * kBarWidth / 2 + kStemLength * kStemWidth * (kBarWidth + kStemLength / 2)) /
    kTeeArea;

/// Where the middle of the block's area is and where its x axis points, counted from x to y.
struct TeePose {
  Eigen::Vector2d place = Eigen::Vector2d::Zero();
  double heading = 0;

  /// Block's axes to the pose's.
  Eigen::Isometry2d motion() const;
};

/// The pose whose middle of the bar's outer edge is at `origin`.
TeePose tee_at_origin(const Eigen::Vector2d& origin, double heading);

/// An axis-aligned rectangle in the block's axes.
struct TeeBox {
  Eigen::Vector2d centre, half;

  TeeBox scaled(double size) const { return {size * centre, size * half}; }
};
inline constexpr int kTeeBoxes = 2;
/// Bar and stem; they touch, and do not overlap.
const std::array<TeeBox, kTeeBoxes>& tee_boxes();

/// Corners of the whole outline in the block's axes, counter-clockwise, from the bar's outer right one. Not
/// convex: corners 3 and 6 are the inner ones.
const std::array<Eigen::Vector2d, 8>& tee_outline();

/// Distance from a point in the block's axes to the block, negative inside. `size` is what lengths and widths
/// of the block are times those above.
double tee_distance(const Eigen::Vector2d& point, double size = 1);

/// Area that blocks at `block` and `goal` have in common, over the area of one: 1 exactly on the
/// goal. `size` is both blocks'.
double tee_coverage(const TeePose& block, const TeePose& goal, double size = 1);

}  // namespace understudy::push
