#pragma once
/// \file Private to envs: the car that Drive drives, a btRaycastVehicle.

#include <BulletDynamics/Vehicle/btRaycastVehicle.h>

#include <array>

#include "envs/tasks/driving/drive.h"
#include "envs/world/bullet_world.h"

namespace understudy {

/// Dimensions and tyres of the car (ours, of the size of a small buggy). Suspension constants are Bullet's,
/// per kg of chassis: static compression of a wheel is g / (4 k).
struct CarOptions {
  double mass = 350;          ///< kg
  double half_length = 1.2;   ///< m, chassis box
  double half_width = 0.55;   ///< m
  double half_height = 0.18;  ///< m
  double front_axle =
      drive::kWheelbase / 2;          ///< m ahead of the centre of mass; the rear axle is as far behind
  double half_track = 0.62;           ///< m
  double wheel_radius = 0.30;         ///< m
  double mount_height = 0.05;         ///< m, where the suspension is fixed above the centre of mass
  double rest_length = 0.20;          ///< m, of the suspension
  double stiffness = 50;              ///< 1/s²
  double damping_in = 4.3;            ///< 1/s while compressing: 0.3 * 2 sqrt(k)
  double damping_out = 5.7;           ///< 1/s while relaxing: 0.4 * 2 sqrt(k)
  double front_grip = 1.1;            ///< share of the load, [-]
  double rear_grip = 1.25;            ///< more than in front, so that the car understeers, [-]
  double roll_influence = 0.1;        ///< [-]
  double engine_acceleration = 4.5;   ///< m/s² at full throttle and standstill
  double top_speed = 14;              ///< m/s, where the engine gives nothing more
  double brake_deceleration = 7;      ///< m/s² at full brake
  double rolling_deceleration = 0.4;  ///< m/s², always
  double steer_lag = 0.08;            ///< s, first order
  bool meets_cars = false;            ///< its chassis collides with those of other cars that do
};

/// Collision bits: wheels feel the road only, cones the ground and the chassis.
enum CarCollision : int { kRoadBit = 1, kObstacleBit = 2, kChassisBit = 4, kKerbBit = 8 };

/// Chassis and vehicle inside a world. Wheels are numbered front left, front right, rear left, rear right.
class DriveCar {
 public:
  static constexpr int kWheels = 4;

  /// `road`: bodies that the wheels roll on; they must stay in the world. Places the car at `ground` [m] with
  /// heading `yaw` [rad], at rest on its springs.
  DriveCar(BulletWorld& world, std::vector<const btCollisionObject*> road, const btVector3& ground,
           double yaw, const CarOptions& options = {});

  /// Sets what the driver wants: front-wheel angle [rad], left positive, and throttle (above 0) or brake
  /// (below 0) in [-1, 1].
  void command(double steer_angle, double throttle);
  /// Moves the front wheels towards the wanted angle and sets engine or brakes; before every physics step.
  void before_step();

  const CarOptions& options() const { return options_; }
  const btRigidBody& chassis() const { return *chassis_; }
  btRigidBody& chassis() { return *chassis_; }
  double forward_speed() const;                        ///< m/s
  double left_speed() const;                           ///< m/s
  double yaw() const;                                  ///< rad
  double yaw_rate() const;                             ///< rad/s
  bool upright() const;                                ///< leans less than 60 degrees
  double steer_angle() const { return steer_angle_; }  ///< rad, left positive
  double suspension_length(int wheel) const;           ///< m
  double wheel_rotation(int wheel) const;              ///< rad, forward positive
  double static_height() const;                        ///< m, centre of mass above the road at rest

 private:
  class Raycaster;

  CarOptions options_;
  double gravity_;  ///< m/s²
  btRigidBody* chassis_ = nullptr;
  btRaycastVehicle* vehicle_ = nullptr;
  std::unique_ptr<btVehicleRaycaster> raycaster_;
  double wanted_angle_ = 0;
  double steer_angle_ = 0;
  double throttle_ = 0;
};

}  // namespace understudy
