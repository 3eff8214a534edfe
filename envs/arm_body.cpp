#include "envs/arm_body.h"

#include <BulletDynamics/Featherstone/btMultiBodyLinkCollider.h>

#include <algorithm>

namespace understudy {
namespace {

/// Share of the position error that a motor removes per physics step.
constexpr double kPositionGain = 0.2;

btVector3 to_bullet(const Eigen::Vector3d& v) {
  return {v.x(), v.y(), v.z()};
}

Eigen::Vector3d centre_of_mass(const ArmJoint& joint) {
  return {0, 0, joint.length / 2};
}

}  // namespace

ArmBody::ArmBody(BulletWorld& world, const JointVector& angles, int group, int mask)
    : strength_(world.variation().strength.value_or(1)) {
  auto body = std::make_unique<btMultiBody>(kArmJoints, 0, btVector3(0, 0, 0), true, false);
  body->setHasSelfCollision(false);
  body->setLinearDamping(0);
  body->setAngularDamping(0);
  Eigen::Vector3d parent_centre = Eigen::Vector3d::Zero();
  std::array<btCollisionShape*, kArmJoints> shapes{};
  for (int i = 0; i < kArmJoints; ++i) {
    const ArmJoint& joint = kArm[static_cast<std::size_t>(i)];
    auto& shape = world.keep(
        std::make_unique<btCapsuleShapeZ>(joint.radius, std::max(0.01, joint.length - joint.radius)));
    btVector3 inertia;
    shape.calculateLocalInertia(joint.mass, inertia);
    body->setupRevolute(i, joint.mass, inertia, i - 1, btQuaternion::getIdentity(), to_bullet(joint.axis),
                        to_bullet(joint.offset - parent_centre), to_bullet(centre_of_mass(joint)), true);
    body->setJointPos(i, angles[i]);
    parent_centre = centre_of_mass(joint);
    shapes[static_cast<std::size_t>(i)] = &shape;
  }
  body->finalizeMultiDof();
  body_ = &world.add_multibody(std::move(body));
  world.refresh(*body_);
  for (int i = 0; i < kArmJoints; ++i) {
    world.add_link_collider(*body_, i, *shapes[static_cast<std::size_t>(i)], group, mask);
    auto motor = std::make_unique<btMultiBodyJointMotor>(body_, i, 0, 0.0);
    motor->finalizeMultiDof();
    motors_[static_cast<std::size_t>(i)] = motor.get();
    world.add_constraint(std::move(motor));
  }
  set_powered(true);
  drive(angles, JointVector::Zero());
}

void ArmBody::drive(const JointVector& angles, const JointVector& velocities) {
  for (int i = 0; i < kArmJoints; ++i) {
    motors_[static_cast<std::size_t>(i)]->setPositionTarget(angles[i], kPositionGain);
    motors_[static_cast<std::size_t>(i)]->setVelocityTarget(velocities[i], 1);
  }
}

void ArmBody::set_powered(bool powered) {
  for (std::size_t i = 0; i < motors_.size(); ++i) {
    motors_[i]->setMaxAppliedImpulse(powered ? strength_ * kArm[i].max_torque * kPhysicsStep : 0);
  }
}

JointVector ArmBody::angles() const {
  JointVector q;
  for (int i = 0; i < kArmJoints; ++i) q[i] = body_->getJointPos(i);
  return q;
}

JointVector ArmBody::velocities() const {
  JointVector v;
  for (int i = 0; i < kArmJoints; ++i) v[i] = body_->getJointVel(i);
  return v;
}

}  // namespace understudy
