#pragma once
/// \file Private to envs: from a wanted velocity to rotor speeds, as the autopilot of
/// Land's quadrotor does it.

#include <Eigen/Core>
#include <cmath>
#include <optional>

#include "envs/tasks/landing/land_quadrotor.h"

namespace understudy {

/// Where the quadrotor is heading, as its sensors know it.
struct FlightState {
  Eigen::Matrix3d rotation;   ///< body to world
  Eigen::Vector3d velocity;   ///< m/s, world
  Eigen::Vector3d body_rate;  ///< rad/s, body frame
  bool standing = false;      ///< the skids touch something
};

/// Gains and limits (ours).
struct AutopilotOptions {
  double velocity_rate = 2.5;     ///< 1/s, at which the reference velocity closes in on the wanted one
  double velocity_gain = 3;       ///< 1/s
  double velocity_integral = 2;   ///< 1/s², takes up wind
  double max_integral = 4;        ///< m/s²
  double max_acceleration = 4;    ///< m/s², of the reference
  double max_tilt = 0.6;          ///< rad
  double attitude_gain = 120;     ///< 1/s²
  double rate_gain = 18;          ///< 1/s
  double heading_gain = 9;        ///< 1/s²
  double yaw_gain = 6;            ///< 1/s
  double max_heading_lead = 0.3;  ///< rad, of the heading to hold before the heading itself
  double idle_share = 0.2;        ///< of hover speed, while standing
};

/// Heading [rad] of a body: the direction of its x axis, seen from above.
double heading_of(const Eigen::Matrix3d& rotation);

/// Torque [N·m] that turns `rotation` to `wanted` (body to world, both) while the body rate goes to (0, 0,
/// `yaw_rate`), after Lee, Leok, McClamroch 2010, eq. 10 and 16, with gains times the inertia:
///   e_R = 1/2 vee(Rd' R - R' Rd),  e_W = W - (0, 0, yaw_rate),  M = J (-k_R e_R - k_W e_W) + W x J W,
/// about z with smaller gains. The feed-forward of a moving Rd is left out.
Eigen::Vector3d attitude_torque(const QuadrotorOptions& body, const AutopilotOptions& options,
                                const FlightState& state, const Eigen::Matrix3d& wanted, double yaw_rate);

/// Rotor speeds [rad/s] that together give `thrust` [N] along the body's z and `torque` [N·m], the inverse of
/// rotor_wrench in still air. What the rotors cannot give is cut, yaw first.
RotorArray rotor_speeds_for(const QuadrotorOptions& body, double thrust, const Eigen::Vector3d& torque);

/// Velocity held by a PI law around a first-order reference, then attitude, then rotors. Its memory is the
/// reference, the integral and the heading to hold.
class Autopilot {
 public:
  explicit Autopilot(const QuadrotorOptions& body, const AutopilotOptions& options = {})
      : body_(body), options_(options), tilt_slope_(std::tan(options.max_tilt)) {}

  /// Rotor speeds [rad/s] for the next `seconds`. `velocity` is wanted, in the heading frame [m/s];
  /// `yaw_rate` left positive [rad/s]. While standing with velocity.z() < 0 the rotors idle.
  RotorArray fly(const FlightState& state, const Eigen::Vector3d& velocity, double yaw_rate, double seconds);

 private:
  QuadrotorOptions body_;
  AutopilotOptions options_;
  double tilt_slope_;                                    ///< tangent of max_tilt
  Eigen::Vector3d reference_ = Eigen::Vector3d::Zero();  ///< m/s, world
  Eigen::Vector3d integral_ = Eigen::Vector3d::Zero();   ///< m/s², world
  std::optional<double> heading_;                        ///< rad, to hold; nothing yet
};

}  // namespace understudy
