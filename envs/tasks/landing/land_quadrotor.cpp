#include "envs/tasks/landing/land_quadrotor.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace understudy {
namespace {

using Eigen::Vector3d;

constexpr double kSkidHalfWidth = 0.008;   // m, and half height
constexpr double kHullHalfWidth = 0.07;    // m
constexpr double kHullHalfHeight = 0.035;  // m
constexpr double kDiscHalfHeight = 0.008;  // m
/// m: closer than this counts as a touch. Bullet lets go of a resting contact by a hair now and then.
constexpr double kTouchDistance = 0.002;

btVector3 to_bullet(const Vector3d& v) {
  return {v.x(), v.y(), v.z()};
}

Vector3d to_eigen(const btVector3& v) {
  return {v.x(), v.y(), v.z()};
}

}  // namespace

Vector3d QuadrotorOptions::inertia() const {
  const double rotor = rotor_mass * arm * arm;
  return {hull_inertia_level + 2 * rotor, hull_inertia_level + 2 * rotor, hull_inertia_yaw + 4 * rotor};
}

double QuadrotorOptions::hover_speed() const {
  return std::sqrt(mass() * kGravity / (kRotors * thrust_constant));
}

double QuadrotorOptions::terminal_speed() const {
  return std::sqrt(2 * mass() * kGravity / (air_density * drag_area));
}

RotorLag::RotorLag(const QuadrotorOptions& options, double seconds)
    : kept_up_(std::exp(-seconds / options.lag_up)), kept_down_(std::exp(-seconds / options.lag_down)) {}

Wrench rotor_wrench(const QuadrotorOptions& options, const RotorArray& speeds, const Vector3d& air) {
  RotorArray thrust;
  double total = 0, all_speeds = 0;
  for (std::size_t i = 0; i < kRotors; ++i) {
    thrust[i] = options.thrust_constant * speeds[i] * speeds[i];
    total += thrust[i];
    all_speeds += speeds[i];
  }
  const auto [front, left, back, right] = thrust;
  Wrench wrench;
  wrench.force = {-options.rotor_drag * all_speeds * air.x(), -options.rotor_drag * all_speeds * air.y(),
                  total};
  wrench.force -= 0.5 * options.air_density * options.drag_area * air.norm() * air;
  // A clockwise rotor pushes the hull anticlockwise.
  wrench.torque = {options.arm * (left - right), options.arm * (back - front),
                   options.moment_constant * (front + back - left - right)};
  return wrench;
}

Quadrotor::Quadrotor(BulletWorld& world, const Vector3d& position, double yaw, int group, int mask,
                     const QuadrotorOptions& options)
    : world_(world), options_(options), step_(world.time_step()), lag_(options, step_) {
  auto& shape = world.keep(std::make_unique<btCompoundShape>());
  const auto add = [&](std::unique_ptr<btCollisionShape> part, const btVector3& at) {
    shape.addChildShape(btTransform(btQuaternion::getIdentity(), at), &world.keep(std::move(part)));
  };
  add(std::make_unique<btBoxShape>(btVector3(kHullHalfWidth, kHullHalfWidth, kHullHalfHeight)),
      btVector3(0, 0, 0));
  for (const double side : {-1.0, 1.0}) {
    add(std::make_unique<btBoxShape>(btVector3(options.skid_half_length, kSkidHalfWidth, kSkidHalfWidth)),
        btVector3(0, side * options.skid_side, kSkidHalfWidth - options.skid_depth));
    const double radius = options.rotor_radius;
    add(std::make_unique<btCylinderShapeZ>(btVector3(radius, radius, kDiscHalfHeight)),
        btVector3(side * options.arm, 0, options.rotor_height));
    add(std::make_unique<btCylinderShapeZ>(btVector3(radius, radius, kDiscHalfHeight)),
        btVector3(0, side * options.arm, options.rotor_height));
  }
  const btTransform pose(btQuaternion(btVector3(0, 0, 1), yaw), to_bullet(position));
  body_ =
      &world.add_body(shape, pose, {.mass = options.mass(), .friction = 0.7, .group = group, .mask = mask});
  body_->setMassProps(options.mass(), to_bullet(options.inertia()));
  body_->updateInertiaTensor();
  speeds_.fill(options.hover_speed());
  wanted_ = speeds_;
}

void Quadrotor::command(const RotorArray& wanted) {
  for (std::size_t i = 0; i < kRotors; ++i) wanted_[i] = std::clamp(wanted[i], 0.0, options_.max_rotor_speed);
}

void Quadrotor::before_step(const Vector3d& wind) {
  for (std::size_t i = 0; i < kRotors; ++i) {
    speeds_[i] = lag_.next(speeds_[i], wanted_[i]);
    angles_[i] += speeds_[i] * step_;
    // A rotor turns less than once in a step, and never backwards.
    while (angles_[i] > std::numbers::pi) angles_[i] -= 2 * std::numbers::pi;
  }
  const Eigen::Matrix3d turn = rotation();
  const Wrench wrench = rotor_wrench(options_, speeds_, turn.transpose() * (velocity() - wind));
  body_->applyCentralForce(to_bullet(turn * wrench.force));
  body_->applyTorque(to_bullet(turn * wrench.torque));
}

Vector3d Quadrotor::position() const {
  return to_eigen(body_->getWorldTransform().getOrigin());
}

Eigen::Matrix3d Quadrotor::rotation() const {
  const btMatrix3x3& basis = body_->getWorldTransform().getBasis();
  Eigen::Matrix3d turn;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) turn(row, column) = basis[row][column];
  }
  return turn;
}

Vector3d Quadrotor::velocity() const {
  return to_eigen(body_->getLinearVelocity());
}

Vector3d Quadrotor::body_rate() const {
  return rotation().transpose() * to_eigen(body_->getAngularVelocity());
}

Quadrotor::Touch Quadrotor::touch() const {
  Touch found = Touch::kNone;
  const btTransform to_body = body_->getWorldTransform().inverse();
  btDispatcher& dispatcher = *world_.dynamics().getDispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    const bool first = manifold.getBody0() == body_;
    if (!first && manifold.getBody1() != body_) continue;
    for (int k = 0; k < manifold.getNumContacts(); ++k) {
      const btManifoldPoint& point = manifold.getContactPoint(k);
      if (point.getDistance() > kTouchDistance) continue;
      const btVector3 at = to_body * (first ? point.getPositionWorldOnA() : point.getPositionWorldOnB());
      if (at.z() > 3 * kSkidHalfWidth - options_.skid_depth) return Touch::kHull;
      found = Touch::kSkids;
    }
  }
  return found;
}

}  // namespace understudy
