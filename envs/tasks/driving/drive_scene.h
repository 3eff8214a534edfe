#pragma once
/// \file What Drive looks like.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/matrix.h"
#include "envs/contract/scene.h"
#include "envs/tasks/driving/drive_kerb.h"
#include "envs/tasks/driving/drive_track.h"

namespace understudy {
struct CarOptions;
}

namespace understudy::drive {

/// What of the car the picture needs. [m]
struct CarShape {
  double half_length, half_width, half_height;  ///< chassis
  double front_axle, half_track, mount_height;  ///< where the wheels hang
  double wheel_radius;
};

CarShape car_shape(const CarOptions& car);

inline constexpr double kConeHeight = 0.5;      ///< m
inline constexpr double kConeHalfWidth = 0.18;  ///< m, of the square base

// Bodies of the scene: the world, the car, its four wheels (front left, front right, rear left, rear right),
// cones.
inline constexpr int kCarBody = 1;
inline constexpr int kFirstWheelBody = 2;
inline constexpr int kFirstConeBody = 6;

/// Adds ground, track, kerbs, start line, car, `cones` cones, `cone_size` times their nominal
/// size, and the cameras to an empty scene.
void add_drive_shapes(const DriveTrack& track, const Kerbs& kerbs, const CarShape& car, int cones,
                      double cone_size, Scene& scene);

/// Adds the wheels of a car to the bodies `first_body` to `first_body` + 3.
void add_wheels(const CarShape& car, int first_body, Scene& scene);

/// Places a car's chassis at `body` and its wheels at the four bodies after it; the rest as below.
void pose_car(const double* pose, const CarShape& car, double steer_angle, const double* suspension,
              const double* rotation, int body, Scene& scene);

/// Places the car, its wheels and the cones. A `pose` is position and quaternion (x y z w) `[7]`;
/// suspension [m] and rotation [rad] are per wheel.
void pose_drive_scene(const double* car_pose, const CarShape& car, double steer_angle,
                      const double* suspension, const double* rotation,
                      const std::vector<const double*>& cone_poses, Scene& scene);

/// Adds what a lap is judged by: how much of it is done, speed, and how far the car is off the middle. `car`:
/// the car's part of a state `[13]`; `progress` [m].
void add_lap_figures(const DriveTrack& track, const double* car, double progress, Scene& scene);

}  // namespace understudy::drive
