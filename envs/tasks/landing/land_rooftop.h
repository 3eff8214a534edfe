#pragma once
/// \file The roof that Land's pad lies on, and the houses around it: boxes that physics and picture share.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/rng.h"

namespace understudy::land {

/// What a box is, so that the picture can dress it.
enum class BoxKind { kRoof, kParapet, kPad, kPlant, kStairHouse, kHouse };

/// Axis-aligned. [m]
struct RoofBox {
  BoxKind kind;
  Eigen::Vector3d centre, half;
};

inline constexpr double kPadHalfWidth = 0.75;  ///< m
inline constexpr double kPadHeight = 0.06;     ///< m above the roof
inline constexpr double kStreetLevel = -21;    ///< m; the roof is at z = 0

/// A flat roof of 12 to 15 m by 10 to 13 m with a parapet, a pad near its middle, three pieces of plant at
/// most 1.1 m high and at least 2.6 m from the pad's centre, a stair house of 2.2 m at one corner, and eight
/// houses across the streets. Everything stands below the cone that rises from the pad's edge at
/// 40 degrees.
struct Rooftop {
  Eigen::Vector3d pad;  ///< m, middle of the pad's upper face
  std::vector<RoofBox> boxes;

  /// The same generator state gives the same roof.
  static Rooftop draw(Rng& rng);
};

}  // namespace understudy::land
