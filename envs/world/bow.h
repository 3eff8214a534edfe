#pragma once
/// \file Private to envs: going somewhere in a bow.

#include <Eigen/Geometry>

namespace understudy {

/// `way` [m] to a goal, turned by `side` rad times a share that falls from 1 far away to 1/2 at the distance `near` [m]
/// and with its square to nothing at the goal, where a loop with a delay has no phase to spare. Who follows it passes on the left of the straight line for a `side` above 0. Exactly
/// `way` for a side of 0.
inline Eigen::Vector2d bowed(const Eigen::Vector2d& way, double side, double near) {
  if (side == 0) return way;
  const double square = way.squaredNorm();
  return Eigen::Rotation2Dd(side * square / (square + near * near)) * way;
}

}  // namespace understudy
