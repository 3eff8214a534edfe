#pragma once
/// \file What Land looks like.

#include <Eigen/Core>

#include "envs/contract/scene.h"
#include "envs/tasks/landing/land_rooftop.h"

namespace understudy::land {

/// What of the quadrotor the picture needs. [m]
struct QuadrotorShape {
  double arm, rotor_radius, rotor_height;
  double skid_depth, skid_side, skid_half_length;
};

// Bodies of the scene: the world, the quadrotor, its rotors (front, left, back, right), the windsock.
inline constexpr int kQuadrotorBody = 1;
inline constexpr int kFirstRotorBody = 2;
inline constexpr int kWindsockBody = 6;

/// Adds street, houses, roof, pad, quadrotor, windsock and the cameras to an empty scene. `tolerance` is the
/// radius of the ring that success asks for [m].
void add_land_shapes(const Rooftop& rooftop, const QuadrotorShape& quadrotor, double tolerance, Scene& scene);

/// Places everything. `pose`: position and quaternion (x y z w) `[7]`; `angles`: how far each rotor has
/// turned in its own direction [rad] `[4]`; `wind` [m/s].
void pose_land_scene(const double* pose, const QuadrotorShape& quadrotor, const double* angles,
                     const Eigen::Vector3d& wind, const Rooftop& rooftop, Scene& scene);

}  // namespace understudy::land
