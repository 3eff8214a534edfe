#include "envs/tasks/landing/land_autopilot.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace understudy {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kLeastThrust = 0.15;  // share of the weight that is never undercut in the air
constexpr double kYawShare = 0.4;      // of the thrust's drag torque that yaw may use

Vector3d shortened(const Vector3d& v, double most) {
  return v * std::min(1.0, most / std::max(v.norm(), 1e-12));
}

/// Body to world with z along `up`, which points upwards, and x over the heading `heading`.
Matrix3d attitude(const Vector3d& up, double heading) {
  const Vector3d z = up.normalized();
  const double c = std::cos(heading), s = std::sin(heading);
  const Vector3d x = Vector3d(c, s, -(c * z.x() + s * z.y()) / z.z()).normalized();
  Matrix3d rotation;
  rotation << x, z.cross(x), z;
  return rotation;
}

}  // namespace

double heading_of(const Matrix3d& rotation) {
  return std::atan2(rotation(1, 0), rotation(0, 0));
}

Vector3d attitude_torque(const QuadrotorOptions& body, const AutopilotOptions& options,
                         const FlightState& state, const Matrix3d& wanted, double yaw_rate) {
  const Matrix3d error = wanted.transpose() * state.rotation - state.rotation.transpose() * wanted;
  const Vector3d turned = 0.5 * Vector3d(error(2, 1), error(0, 2), error(1, 0));
  const Vector3d rate = state.body_rate - Vector3d(0, 0, yaw_rate);
  const Vector3d inertia = body.inertia();
  const Vector3d answer(-options.attitude_gain * turned.x() - options.rate_gain * rate.x(),
                        -options.attitude_gain * turned.y() - options.rate_gain * rate.y(),
                        -options.heading_gain * turned.z() - options.yaw_gain * rate.z());
  return inertia.cwiseProduct(answer) + state.body_rate.cross(inertia.cwiseProduct(state.body_rate));
}

RotorArray rotor_speeds_for(const QuadrotorOptions& body, double thrust, const Vector3d& torque) {
  const double most = body.thrust_constant * body.max_rotor_speed * body.max_rotor_speed;
  const double each = std::clamp(thrust / kRotors, 0.0, most);
  const double roll = torque.x() / (2 * body.arm), pitch = torque.y() / (2 * body.arm);
  const double yaw =
      std::clamp(torque.z() / (kRotors * body.moment_constant), -kYawShare * each, kYawShare * each);
  const RotorArray forces{each - pitch + yaw, each + roll - yaw, each + pitch + yaw, each - roll - yaw};
  RotorArray speeds;
  for (std::size_t i = 0; i < kRotors; ++i) {
    speeds[i] = std::sqrt(std::clamp(forces[i], 0.0, most) / body.thrust_constant);
  }
  return speeds;
}

RotorArray Autopilot::fly(const FlightState& state, const Vector3d& velocity, double yaw_rate,
                          double seconds) {
  if (state.standing && velocity.z() < 0) {
    reference_ = state.velocity;
    integral_.setZero();
    heading_.reset();
    RotorArray idle;
    idle.fill(options_.idle_share * body_.hover_speed());
    return idle;
  }
  const double heading = heading_of(state.rotation);
  double lead = heading_.value_or(heading) + yaw_rate * seconds - heading;
  if (std::abs(lead) > std::numbers::pi) lead = std::remainder(lead, 2 * std::numbers::pi);
  heading_ = heading + std::clamp(lead, -options_.max_heading_lead, options_.max_heading_lead);
  const Eigen::Vector2d forward = state.rotation.col(0).head<2>().normalized();
  const Vector3d wanted(forward.x() * velocity.x() - forward.y() * velocity.y(),
                        forward.y() * velocity.x() + forward.x() * velocity.y(), velocity.z());
  const Vector3d ahead = shortened(options_.velocity_rate * (wanted - reference_), options_.max_acceleration);
  reference_ += ahead * seconds;
  const Vector3d error = reference_ - state.velocity;
  integral_ = shortened(integral_ + options_.velocity_integral * error * seconds, options_.max_integral);

  Vector3d lift = ahead + options_.velocity_gain * error + integral_ + Vector3d(0, 0, kGravity);
  lift.z() = std::max(lift.z(), kLeastThrust * kGravity);
  const double level = lift.head<2>().norm(), allowed = tilt_slope_ * lift.z();
  if (level > allowed) lift.head<2>() *= allowed / level;
  // Tilted, the rotors give along the body's own axis only.
  const double thrust = body_.mass() * std::max(0.0, lift.dot(state.rotation.col(2)));
  return rotor_speeds_for(body_, thrust,
                          attitude_torque(body_, options_, state, attitude(lift, *heading_), yaw_rate));
}

}  // namespace understudy
