#include "envs/other_world/maximal_body.h"

#include "datasets/types/error.h"
#include "envs/robots/kinematics.h"
#include "envs/robots/link_shape.h"

namespace understudy {
namespace {

// The gear between two fingers: a spring that a hand of some newtons presses together by a millimetre at most.
constexpr double kGearStiffness = 2e4;  // N/m or N·m/rad
constexpr double kGearDamping = 20;     // N·s/m or N·m·s/rad

}  // namespace

MaximalBody::MaximalBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options,
                         const WorldFile& file)
    : world_(world),
      model_(model),
      servo_rate_(file.constants.servo_rate),
      servos_(make_servos(file, model, world)),
      base_(options.pose),
      set_positions_(Eigen::VectorXd::Zero(model.dofs())),
      set_velocities_(Eigen::VectorXd::Zero(model.dofs())) {
  const JointCompliance compliance{.stiffness = file.constants.stiffness,
                                   .turning = file.constants.turning_stiffness};
  const auto poses = link_poses(model, options.pose, set_positions_);
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    const bool fixed = i == 0 && options.fixed_base;
    if (!fixed && (link.mass <= 0 || link.inertia.minCoeff() <= 0)) {
      throw Error(
          "robot '" + model.name + "': link '" + link.name +
          "' wants a mass and moments of inertia above 0 in a world of rigid bodies: give it an <inertial>");
    }
    btCollisionShape* shape = link_shape(world, model, link);
    const bool touches = shape != nullptr;
    BulletWorld::BodyOptions body{.mass = fixed ? 0 : link.mass, .friction = options.friction};
    body.restitution = options.restitution;
    body.group = touches ? options.group : 0;
    body.mask = touches ? options.mask : 0;
    body.inertia = fixed ? btVector3(0, 0, 0) : to_bullet(link.inertia);
    body.in_state = false;
    btRigidBody& added =
        world.add_body(touches ? *shape : world.nothing(), to_bullet(poses[i] * link.inertial), body);
    added.setDamping(options.linear_damping, options.angular_damping);
    added.setUserPointer(this);
    bodies_.push_back(&added);
    if (i == 0) continue;
    const RobotLink& above = model.links[static_cast<std::size_t>(link.parent)];
    auto joint = std::make_unique<JointRows>(*bodies_[static_cast<std::size_t>(link.parent)], added, above,
                                             link, compliance);
    for (int dof = 0; dof < joint_dofs(link.type); ++dof) places_.push_back({.joint = i - 1, .dof = dof});
    joints_.push_back(joint.get());
    world.add_constraint(std::move(joint), false);
  }
  const bool meets_itself = (options.group & options.mask) != 0;
  for (std::size_t i = 0; meets_itself && !options.self_collision && i < bodies_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) bodies_[i]->setIgnoreCollisionCheck(bodies_[j], true);
  }
  world.add_part(*this);
}

double MaximalBody::position(int dof) const {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  if (model_.links[place.joint + 1].type != JointType::kPlanar) return joints_[place.joint]->position();
  double positions[3], velocities[3];
  joints_[place.joint]->planar(positions, velocities);
  return positions[place.dof];
}

double MaximalBody::velocity(int dof) const {
  const Place& place = places_[static_cast<std::size_t>(dof)];
  if (model_.links[place.joint + 1].type != JointType::kPlanar) return joints_[place.joint]->velocity();
  double positions[3], velocities[3];
  joints_[place.joint]->planar(positions, velocities);
  return velocities[place.dof];
}

void MaximalBody::set_joint(int dof, double position, double velocity) {
  set_positions_[dof] = position;
  set_velocities_[dof] = velocity;
}

void MaximalBody::set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                           const Eigen::Vector3d& angular) {
  base_ = pose;
  base_linear_ = linear;
  base_angular_ = angular;
}

void MaximalBody::settle() {
  const auto poses = link_poses(model_, base_, set_positions_);
  for (std::size_t i = 0; i < bodies_.size(); ++i) {
    const RobotFrame centre{.link = static_cast<int>(i), .pose = model_.links[i].inertial};
    const Eigen::Isometry3d pose = frame_pose(centre, poses);
    btRigidBody& body = *bodies_[i];
    const btTransform placed = to_bullet(pose);
    body.setWorldTransform(placed);
    body.setInterpolationWorldTransform(placed);
    body.updateInertiaTensor();
    if (body.isStaticObject()) {
      world_.dynamics().updateSingleAabb(&body);
      continue;
    }
    const Eigen::Matrix<double, 6, 1> rate = frame_jacobian(model_, centre, poses) * set_velocities_;
    const Eigen::Vector3d arm = pose.translation() - base_.translation();
    body.setLinearVelocity(
        to_bullet(Eigen::Vector3d(rate.head<3>() + base_linear_ + base_angular_.cross(arm))));
    body.setAngularVelocity(to_bullet(Eigen::Vector3d(rate.tail<3>() + base_angular_)));
  }
  for (std::size_t dof = 0; dof < places_.size(); ++dof) {
    if (places_[dof].dof == 0)
      joints_[places_[dof].joint]->follow(set_positions_[static_cast<Eigen::Index>(dof)]);
  }
}

void MaximalBody::drive(int dof, double position, double velocity, double gain, double max_effort) {
  Servo& driven = servo(dof);
  driven.target = position;
  driven.target_velocity = velocity;
  driven.rate = servo_rate_ * gain / world_.time_step();
  driven.max_effort = max_effort;
}

void MaximalBody::couple(int dof, int other, double max_effort) {
  gears_.push_back({dof, other, max_effort});
}

void MaximalBody::act(double duration) {
  const double varied = world_.variation().strength.value_or(1);
  for (int dof = 0; dof < dofs(); ++dof) {
    const Place& place = places_[static_cast<std::size_t>(dof)];
    if (model_.links[place.joint + 1].type == JointType::kPlanar) continue;
    JointRows& rows = *joints_[place.joint];
    Servo& servo = servos_[static_cast<std::size_t>(dof)];
    JointFriction friction = servo.friction;
    friction.coulomb *= servo.friction_share;
    rows.friction = friction.at(rows.velocity());
    const Servo::Wish wish = servo.wish(rows.position());
    rows.drive = {.target_velocity = wish.velocity,
                  .max_effort = wish.engaged ? varied * servo.strength * servo.max_effort : 0};
    if (const double torque = servo.delivered(duration); torque != 0) rows.push(torque);
  }
  for (const Gear& gear : gears_) {
    const double apart = position(gear.dof) - position(gear.other);
    const double rate = velocity(gear.dof) - velocity(gear.other);
    const double effort =
        std::clamp(kGearStiffness * apart + kGearDamping * rate, -gear.max_effort, gear.max_effort);
    joint(gear.dof).push(-effort);
    joint(gear.other).push(effort);
  }
}

void MaximalBody::forget() {
  for (Servo& servo : servos_) servo.torque = 0;
}

double MaximalBody::gap() const {
  double most = 0;
  for (const JointRows* joint : joints_) most = std::max(most, joint->gap());
  return most;
}

Eigen::Isometry3d MaximalBody::link_pose(int link) const {
  const auto i = static_cast<std::size_t>(link);
  return to_eigen(bodies_[i]->getWorldTransform()) * model_.links[i].inertial.inverse();
}

void MaximalBody::read_centres(std::vector<Eigen::Isometry3d>& centres) const {
  centres.clear();
  for (const btRigidBody* body : bodies_) centres.push_back(to_eigen(body->getWorldTransform()));
}

Eigen::Vector3d MaximalBody::link_centre(int link) const {
  return to_eigen(collider(link).getWorldTransform().getOrigin());
}

Eigen::Vector3d MaximalBody::link_velocity(int link) const {
  return to_eigen(bodies_[static_cast<std::size_t>(link)]->getLinearVelocity());
}

Eigen::Vector3d MaximalBody::link_rotation(int link) const {
  return to_eigen(bodies_[static_cast<std::size_t>(link)]->getAngularVelocity());
}

void MaximalBody::read_state(double* out) const {
  const btTransform& pose = bodies_[0]->getWorldTransform();
  const btQuaternion turn = pose.getRotation();
  const btVector3 &at = pose.getOrigin(), &linear = bodies_[0]->getLinearVelocity(),
                  &angular = bodies_[0]->getAngularVelocity();
  for (int i = 0; i < 3; ++i) {
    out[i] = at[i];
    out[7 + i] = linear[i];
    out[10 + i] = angular[i];
  }
  for (int i = 0; i < 4; ++i) out[3 + i] = turn[i];
  out += BulletWorld::kBodyState;
  for (int dof = 0; dof < dofs(); ++dof) {
    *out++ = position(dof);
    *out++ = velocity(dof);
  }
}

}  // namespace understudy
