#pragma once
/// \file Private to envs: the quadrotor that Land flies, a rigid body with four rotors in the air.

#include <Eigen/Core>
#include <array>

#include "envs/world/bullet_world.h"

namespace understudy {

inline constexpr int kRotors = 4;
/// One number per rotor: front, left, back, right. Front and back turn clockwise seen from above.
using RotorArray = std::array<double, kRotors>;

/// Mass, inertia, rotors and motors of the AscTec Hummingbird as in RotorS (Furrer et al. 2016,
/// rotors_description/urdf/hummingbird.xacro). Hull drag and skids are ours.
struct QuadrotorOptions {
  double hull_mass = 0.68;              ///< kg, without rotors
  double rotor_mass = 0.009;            ///< kg each, a point at the end of its arm
  double hull_inertia_level = 0.007;    ///< kg·m², about x and y
  double hull_inertia_yaw = 0.012;      ///< kg·m²
  double arm = 0.17;                    ///< m, centre to rotor
  double rotor_radius = 0.1;            ///< m
  double rotor_height = 0.01;           ///< m above the centre of mass
  double thrust_constant = 8.54858e-6;  ///< N·s²: thrust = constant * speed²
  double moment_constant = 0.016;       ///< m: drag torque = constant * thrust
  double rotor_drag =
      8.06428e-5;           ///< N·s²/m: in-plane drag = constant * speed * air speed in the rotor's plane
  double lag_up = 0.0125;   ///< s, time constant of a rotor that speeds up
  double lag_down = 0.025;  ///< s, of one that slows down
  double max_rotor_speed = 838;    ///< rad/s
  double drag_area = 0.05;         ///< m², drag coefficient times area of the hull, the same from all sides
  double air_density = 1.225;      ///< kg/m³, sea level and 15 °C
  double skid_depth = 0.12;        ///< m, soles of the skids below the centre of mass
  double skid_side = 0.11;         ///< m, skids beside the centre
  double skid_half_length = 0.12;  ///< m

  double mass() const { return hull_mass + kRotors * rotor_mass; }  ///< kg
  /// Principal moments of inertia about x, y, z [kg·m²].
  Eigen::Vector3d inertia() const;
  /// Rotor speed [rad/s] at which four rotors carry the weight: sqrt(m g / 4 k).
  double hover_speed() const;
  /// Speed of fall [m/s] with the rotors stopped: sqrt(2 m g / (density * drag_area)).
  double terminal_speed() const;
};

/// How rotors follow what they are told: in a given time the gap shrinks by e^(-time / lag), with the lag for
/// the direction of the change.
class RotorLag {
 public:
  RotorLag(const QuadrotorOptions& options, double seconds);
  /// Speed [rad/s] of a rotor that had `speed` and is told `wanted`, those seconds later.
  double next(double speed, double wanted) const {
    return wanted + (speed - wanted) * (wanted > speed ? kept_up_ : kept_down_);
  }

 private:
  double kept_up_, kept_down_;  ///< share of the gap that is left
};

/// Force [N] and torque [N·m] of the rotors and of the air, in the body's frame. `air` is the velocity of the
/// body through the air in its own frame [m/s]. Rotor flapping, the rotors' own inertia and the ground
/// effect are left out.
struct Wrench {
  Eigen::Vector3d force, torque;
};
Wrench rotor_wrench(const QuadrotorOptions& options, const RotorArray& speeds, const Eigen::Vector3d& air);

/// Body, rotors and air inside a world. Body frame: x to the front rotor, y to the left one, z up, origin at
/// the centre of mass.
class Quadrotor {
 public:
  /// Places it with its centre of mass at `position` [m], level, with heading `yaw` [rad] and every rotor at
  /// hover speed. It meets `mask`.
  Quadrotor(BulletWorld& world, const Eigen::Vector3d& position, double yaw, int group, int mask,
            const QuadrotorOptions& options = {});

  /// Rotor speeds that the motors head for [rad/s]; clamped to what they can do.
  void command(const RotorArray& wanted);
  /// Sets the rotors' speeds at once, e.g. to nothing.
  void set_rotor_speeds(const RotorArray& speeds) { speeds_ = speeds; }
  /// Moves the rotors on and applies their forces and the air's; before every physics step. `wind` is the
  /// velocity of the air over ground [m/s].
  void before_step(const Eigen::Vector3d& wind);

  const QuadrotorOptions& options() const { return options_; }
  const btRigidBody& body() const { return *body_; }
  btRigidBody& body() { return *body_; }
  Eigen::Vector3d position() const;                     ///< m, centre of mass
  Eigen::Matrix3d rotation() const;                     ///< body to world
  Eigen::Vector3d velocity() const;                     ///< m/s
  Eigen::Vector3d body_rate() const;                    ///< rad/s, body frame
  const RotorArray& speeds() const { return speeds_; }  ///< rad/s
  const RotorArray& angles() const { return angles_; }  ///< rad, each positive in its own direction

  enum class Touch { kNone, kSkids, kHull };
  /// What of it touched something in the last step; kHull when anything but the skids did.
  Touch touch() const;

 private:
  BulletWorld& world_;
  QuadrotorOptions options_;
  btRigidBody* body_ = nullptr;
  double step_ = 0;  ///< s
  RotorLag lag_;     ///< over one step
  RotorArray wanted_{}, speeds_{}, angles_{};
};

}  // namespace understudy
