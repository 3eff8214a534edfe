#pragma once
/// \file How far it is from the car to the nearest edge or cone, in several directions at once.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/matrix.h"
#include "envs/tasks/driving/drive_track.h"

namespace understudy {

/// Rays against the analytic edges instead of the physics world: exact, and a fraction of the cost.
class DriveLidar {
 public:
  struct Options {
    int rays = 17;
    double first = 0;          ///< rad, direction of ray 0 relative to the car, left positive
    double spacing = 0;        ///< rad between neighbouring rays
    double range = 20;         ///< m
    double cone_radius = 0.2;  ///< m
  };

  explicit DriveLidar(const Options& options);

  /// Writes the distance [m] at most `range` along each ray `[rays]`. The rays start at `position` [m] and
  /// turn with `yaw` [rad]; `cones` are the positions of the cones in the world [m].
  void cast(const DriveTrack& track, const Eigen::Vector2d& position, double yaw,
            const std::vector<Eigen::Vector2d>& cones, VectorRef distances) const;

  /// A car seen from above.
  struct Box {
    Eigen::Vector2d centre;          ///< m
    double yaw;                      ///< rad
    double half_length, half_width;  ///< m
  };
  /// Shortens `distances` `[rays]` as `cast` wrote them to where the rays meet a box.
  void cast_boxes(const Eigen::Vector2d& position, double yaw, const std::vector<Box>& boxes,
                  VectorRef distances) const;

 private:
  Options options_;
  std::vector<double> cosines_, sines_;  ///< [rays]
};

}  // namespace understudy
