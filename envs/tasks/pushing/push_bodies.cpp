#include "envs/tasks/pushing/push_bodies.h"

#include <cmath>

#include "envs/tasks/pushing/push.h"

namespace understudy::push {
namespace {

using Eigen::Vector2d;

// Bullet multiplies the coefficients of both sides.
constexpr double kBlockFriction = 0.7;
constexpr double kTableFriction = kTableGrip / kBlockFriction;
constexpr double kPusherFriction = kPusherGrip / kBlockFriction;
constexpr double kPusherHeight = 0.08;   // m
constexpr double kPusherGap = 0.004;     // m above the table
constexpr double kPusherMargin = 0.001;  // m, rounds the cylinder's rims
constexpr double kTableHalf = 0.6;       // m: the block cannot be pushed off
constexpr double kTableThickness = 0.1;  // m
constexpr int kTableBit = 1, kBlockBit = 2, kPusherBit = 4;

btTransform at(double x, double y, double z) {
  return btTransform(btQuaternion::getIdentity(), btVector3(x, y, z));
}

/// Of uniform density, about the axes through the middle. Bullet would take that of the box around the whole.
btVector3 block_inertia(double size) {
  btVector3 inertia(0, 0, 0);
  for (const TeeBox& part : tee_boxes()) {
    const double mass = kBlockMass * 4 * part.half.prod() / kTeeArea;
    const TeeBox box = part.scaled(size);
    const double height = kTeeHeight * kTeeHeight / 12;
    const Vector2d square = box.half.cwiseAbs2() / 3 + box.centre.cwiseAbs2();
    inertia += mass * btVector3(square.y() + height, square.x() + height, square.sum());
  }
  return inertia;
}

}  // namespace

WorldOptions push_world() {
  // The block is light: with Bullet's usual threshold the solver stops while it still creeps by 0.3 mm/s.
  return {.solver_iterations = 30, .residual_threshold = 0};
}

PushBodies::PushBodies(BulletWorld& world, const TeePose& block, const Vector2d& pusher, double size) {
  auto& table =
      world.keep(std::make_unique<btBoxShape>(btVector3(kTableHalf, kTableHalf, kTableThickness / 2)));
  world.add_body(table, at(0, 0, -kTableThickness / 2),
                 {.mass = 0, .friction = kTableFriction, .group = kTableBit, .mask = kBlockBit});
  add_block(world, block, size);
  add_pusher(world, pusher);
}

void PushBodies::add_block(BulletWorld& world, const TeePose& pose, double size) {
  auto& whole = world.keep(std::make_unique<btCompoundShape>());
  for (const TeeBox& part : tee_boxes()) {
    const TeeBox box = part.scaled(size);
    const btVector3 half(box.half.x(), box.half.y(), kTeeHeight / 2);
    whole.addChildShape(at(box.centre.x(), box.centre.y(), 0),
                        &world.keep(std::make_unique<btBoxShape>(half)));
  }
  const btTransform start(btQuaternion(btVector3(0, 0, 1), pose.heading),
                          btVector3(pose.place.x(), pose.place.y(), kTeeHeight / 2));
  block_ = &world.add_body(
      whole, start,
      {.mass = kBlockMass, .friction = kBlockFriction, .group = kBlockBit, .mask = kTableBit | kPusherBit});
  block_->setMassProps(kBlockMass, block_inertia(size));
  block_->updateInertiaTensor();
}

void PushBodies::add_pusher(BulletWorld& world, const Vector2d& place) {
  auto slides = std::make_unique<btMultiBody>(2, 0, btVector3(0, 0, 0), true, false);
  slides->setHasSelfCollision(false);
  slides->setLinearDamping(0);
  slides->setAngularDamping(0);
  // A light slide along x, and on it one along y that carries the cylinder. Neither
  // turns: any inertia will do.
  const btVector3 inertia(1e-3, 1e-3, 1e-3), none(0, 0, 0);
  const btQuaternion straight = btQuaternion::getIdentity();
  slides->setupPrismatic(0, kPusherMass / 10, inertia, -1, straight, btVector3(1, 0, 0),
                         btVector3(0, 0, kPusherGap + kPusherHeight / 2), none, true);
  slides->setupPrismatic(1, kPusherMass, inertia, 0, straight, btVector3(0, 1, 0), none, none, true);
  slides->setJointPos(0, place.x());
  slides->setJointPos(1, place.y());
  slides->finalizeMultiDof();
  slides_ = &world.add_multibody(std::move(slides));
  world.refresh(*slides_);

  auto& slide = world.keep(std::make_unique<btSphereShape>(kPusherRadius));
  world.add_link_collider(*slides_, 0, slide, kPusherBit, 0);
  const btVector3 half(kPusherRadius, kPusherRadius, kPusherHeight / 2);
  auto& cylinder = world.keep(std::make_unique<btCylinderShapeZ>(half));
  cylinder.setMargin(kPusherMargin);
  world.add_link_collider(*slides_, 1, cylinder, kPusherBit, kBlockBit).setFriction(kPusherFriction);
  for (int joint = 0; joint < 2; ++joint) {
    auto motor = std::make_unique<btMultiBodyJointMotor>(slides_, joint, 0, kPusherForce * world.time_step());
    motor->finalizeMultiDof();
    motors_[static_cast<std::size_t>(joint)] = motor.get();
    world.add_constraint(std::move(motor));
  }
}

void PushBodies::drive(const Vector2d& velocity) {
  motors_[0]->setVelocityTarget(velocity.x(), 1);
  motors_[1]->setVelocityTarget(velocity.y(), 1);
}

TeePose PushBodies::tee() const {
  const btTransform& pose = block_->getWorldTransform();
  const btVector3 ahead = pose.getBasis().getColumn(0);
  return {.place = {pose.getOrigin().x(), pose.getOrigin().y()}, .heading = std::atan2(ahead.y(), ahead.x())};
}

}  // namespace understudy::push
