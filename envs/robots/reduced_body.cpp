#include "envs/robots/reduced_body.h"

#include <BulletDynamics/Featherstone/btMultiBodyGearConstraint.h>
#include <BulletDynamics/Featherstone/btMultiBodyJointLimitConstraint.h>
#include <BulletDynamics/Featherstone/btMultiBodyJointMotor.h>

#include "datasets/types/error.h"
#include "envs/robots/link_shape.h"

namespace understudy {
namespace {

void setup_joint(btMultiBody& body, int index, const RobotLink& link, const RobotLink& parent) {
  const btTransform joint = to_bullet(parent.inertial.inverse() * link.origin);
  const btTransform centre = to_bullet(link.inertial);
  const btQuaternion turn = centre.getRotation().inverse() * joint.inverse().getRotation();
  const btVector3 axis = quatRotate(centre.getRotation().inverse(), to_bullet(link.axis));
  const btVector3 to_centre =
      -centre.inverse().getOrigin();  // pivot to centre of mass, in the inertial frame
  const btVector3 inertia = to_bullet(link.inertia);
  const int above = link.parent - 1;
  switch (link.type) {
    case JointType::kFixed:
      body.setupFixed(index, link.mass, inertia, above, turn, joint.getOrigin(), to_centre, true);
      break;
    case JointType::kRevolute:
    case JointType::kContinuous:
      body.setupRevolute(index, link.mass, inertia, above, turn, axis, joint.getOrigin(), to_centre, true);
      break;
    case JointType::kPrismatic:
      body.setupPrismatic(index, link.mass, inertia, above, turn, axis, joint.getOrigin(), to_centre, true);
      break;
    case JointType::kPlanar:
      // Bullet's planar joint turns about the centre of mass.
      body.setupPlanar(index, link.mass, inertia, above, turn, axis, joint * centre.getOrigin(), true);
      break;
  }
}

}  // namespace

ReducedBody::ReducedBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options)
    : world_(world) {
  const RobotLink& root = model.links.front();
  const int count = static_cast<int>(model.links.size()) - 1;
  if (!options.fixed_base && root.mass <= 0) {
    throw Error("robot '" + model.name + "': link '" + root.name +
                "' is free to move and wants a mass above 0: give it an <inertial>, or fix the base");
  }
  auto body = std::make_unique<btMultiBody>(
      count, options.fixed_base ? 0 : root.mass,
      to_bullet(options.fixed_base ? Eigen::Vector3d(0, 0, 0) : root.inertia), options.fixed_base, false);
  body->setLinearDamping(options.linear_damping);
  body->setAngularDamping(options.angular_damping);
  body->setHasSelfCollision(options.self_collision);
  body->setBaseWorldTransform(to_bullet(options.pose * root.inertial));
  from_inertial_.push_back(root.inertial.inverse());
  for (int i = 0; i < count; ++i) {
    const RobotLink& link = model.links[static_cast<std::size_t>(i) + 1];
    setup_joint(*body, i, link, model.links[static_cast<std::size_t>(link.parent)]);
    if (options.self_collision)
      body->getLink(i).m_flags |= BT_MULTIBODYLINKFLAGS_DISABLE_ALL_PARENT_COLLISION;
    from_inertial_.push_back(link.inertial.inverse());
    for (int dof = 0; dof < joint_dofs(link.type); ++dof) {
      places_.push_back({.link = i,
                         .dof = dof,
                         .damping = link.damping * world.variation().damping.value_or(1),
                         .friction = link.friction});
    }
  }
  body->finalizeMultiDof();
  body_ = &world.add_multibody(std::move(body));
  world.refresh(*body_);

  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    const int index = static_cast<int>(i) - 1;
    btCollisionShape* shape = link_shape(world, model, link);
    // Motors and limits find the solver's island through their link's collider, so that every link has one.
    if (!shape) shape = &world.nothing();
    const bool touches = !link.collisions.empty();
    btMultiBodyLinkCollider& collider = world.add_link_collider(
        *body_, index, *shape, touches ? options.group : 0, touches ? options.mask : 0);
    collider.setFriction(options.friction);
    collider.setRestitution(options.restitution);
    if (index < 0 || link.low > link.high) continue;
    if (link.type != JointType::kRevolute && link.type != JointType::kPrismatic) continue;
    auto limit = std::make_unique<btMultiBodyJointLimitConstraint>(body_, index, link.low, link.high);
    limit->finalizeMultiDof();
    world.add_constraint(std::move(limit));
  }
  for (std::size_t dof = 0; dof < places_.size(); ++dof) {
    const Place& place = places_[dof];
    if (place.friction > 0) add_motor(static_cast<int>(dof), place.friction);
  }
}

void ReducedBody::add_motor(int dof, double max_effort) {
  Place& place = places_[static_cast<std::size_t>(dof)];
  auto motor = std::make_unique<btMultiBodyJointMotor>(body_, place.link, place.dof, 0.0,
                                                       max_effort * world_.solver_step());
  motor->finalizeMultiDof();
  place.motor = motor.get();
  world_.add_constraint(std::move(motor));
}

double ReducedBody::position(int dof) const {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  return body_->getJointPosMultiDof(place.link)[place.dof];
}

double ReducedBody::velocity(int dof) const {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  return body_->getJointVelMultiDof(place.link)[place.dof];
}

void ReducedBody::set_joint(int dof, double position, double velocity) {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  body_->getJointPosMultiDof(place.link)[place.dof] = position;
  body_->getJointVelMultiDof(place.link)[place.dof] = velocity;
  body_->getLink(place.link).updateCacheMultiDof();
}

void ReducedBody::set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                           const Eigen::Vector3d& angular) {
  const Eigen::Isometry3d inertial = pose * from_inertial_[0].inverse();
  body_->setBaseWorldTransform(to_bullet(inertial));
  const Eigen::Vector3d to_centre = inertial.translation() - pose.translation();
  body_->setBaseVel(to_bullet(Eigen::Vector3d(linear + angular.cross(to_centre))));
  body_->setBaseOmega(to_bullet(angular));
}

void ReducedBody::settle() {
  world_.refresh(*body_);
}

void ReducedBody::add_torque(int dof, double torque) {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  body_->addJointTorqueMultiDof(place.link, place.dof, torque);
}

void ReducedBody::add_damping() {
  for (const Place& place : places_) {
    if (place.damping <= 0) continue;
    const double speed = body_->getJointVelMultiDof(place.link)[place.dof];
    body_->addJointTorqueMultiDof(place.link, place.dof, -place.damping * speed);
  }
}

void ReducedBody::scale_friction(int dof, double share) {
  Place& place = places_[static_cast<std::size_t>(dof)];
  if (place.motor) place.motor->setMaxAppliedImpulse(share * place.friction * world_.solver_step());
}

void ReducedBody::drive(int dof, double position, double velocity, double gain, double max_effort) {
  Place& place = places_[static_cast<std::size_t>(dof)];
  max_effort *= world_.variation().strength.value_or(1);
  if (!place.motor) add_motor(dof, max_effort);
  place.motor->setPositionTarget(position, gain);
  place.motor->setVelocityTarget(velocity, 1);
  place.motor->setMaxAppliedImpulse(max_effort * world_.solver_step());
}

void ReducedBody::couple(int dof, int other, double max_effort) {
  const Place &a = places_[static_cast<std::size_t>(dof)], &b = places_[static_cast<std::size_t>(other)];
  const btVector3 origin(0, 0, 0);
  auto gear = std::make_unique<btMultiBodyGearConstraint>(
      body_, a.link, body_, b.link, origin, origin, btMatrix3x3::getIdentity(), btMatrix3x3::getIdentity());
  gear->setGearRatio(-1);
  gear->setErp(1);  // Bullet multiplies it by the world's own
  gear->setMaxAppliedImpulse(max_effort * world_.solver_step());
  gear->finalizeMultiDof();
  world_.add_constraint(std::move(gear));
}

btTransform ReducedBody::inertial_pose(int link) const {
  // A step brings the colliders up to date, not the links' own cached poses.
  return link == 0 ? body_->getBaseWorldTransform() : body_->getLinkCollider(link - 1)->getWorldTransform();
}

Eigen::Isometry3d ReducedBody::link_pose(int link) const {
  return to_eigen(inertial_pose(link)) * from_inertial_[static_cast<std::size_t>(link)];
}

void ReducedBody::read_centres(std::vector<Eigen::Isometry3d>& centres) const {
  centres.resize(from_inertial_.size());
  for (std::size_t i = 0; i < centres.size(); ++i) {
    const btTransform pose = inertial_pose(static_cast<int>(i));
    for (int row = 0; row < 3; ++row) {
      const btVector3& axes = pose.getBasis()[row];
      centres[i].linear().row(row) << axes.x(), axes.y(), axes.z();
    }
    centres[i].translation() = to_eigen(pose.getOrigin());
  }
}

Eigen::Vector3d ReducedBody::link_centre(int link) const {
  return to_eigen(inertial_pose(link).getOrigin());
}

void ReducedBody::local_velocity(int link, btVector3& angular, btVector3& linear) const {
  if (link < 0) {
    angular = quatRotate(body_->getWorldToBaseRot(), body_->getBaseOmega());
    linear = quatRotate(body_->getWorldToBaseRot(), body_->getBaseVel());
    return;
  }
  const btMultibodyLink& part = body_->getLink(link);
  btVector3 parent_angular, parent_linear;
  local_velocity(part.m_parent, parent_angular, parent_linear);
  angular = quatRotate(part.m_cachedRotParentToThis, parent_angular);
  linear = quatRotate(part.m_cachedRotParentToThis, parent_linear) + angular.cross(part.m_cachedRVector);
  const btScalar* speeds = body_->getJointVelMultiDof(link);
  for (int dof = 0; dof < part.m_dofCount; ++dof) {
    angular += speeds[dof] * part.getAxisTop(dof);
    linear += speeds[dof] * part.getAxisBottom(dof);
  }
}

Eigen::Vector3d ReducedBody::link_velocity(int link) const {
  btVector3 angular, linear;
  local_velocity(link - 1, angular, linear);
  return to_eigen(quatRotate(inertial_pose(link).getRotation(), linear));
}

Eigen::Vector3d ReducedBody::link_rotation(int link) const {
  btVector3 angular, linear;
  local_velocity(link - 1, angular, linear);
  return to_eigen(quatRotate(inertial_pose(link).getRotation(), angular));
}

const btCollisionObject& ReducedBody::collider(int link) const {
  return link == 0 ? *body_->getBaseCollider() : *body_->getLinkCollider(link - 1);
}

}  // namespace understudy
