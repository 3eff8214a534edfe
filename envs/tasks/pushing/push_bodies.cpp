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

/// A light slide along x, and on it one along y that carries the cylinder. Neither turns: any inertia will do.
RobotModel make_slides() {
  RobotLink base, slide;
  base.name = "frame";
  slide.name = slide.joint = "x";
  slide.parent = 0;
  slide.type = JointType::kPrismatic;
  slide.axis = Eigen::Vector3d::UnitX();
  slide.origin = Eigen::Translation3d(0, 0, kPusherGap + kPusherHeight / 2);
  slide.mass = kPusherMass / 10;
  slide.inertia = Eigen::Vector3d::Constant(1e-3);
  slide.max_effort = kPusherForce;
  RobotLink pusher = slide;
  pusher.name = pusher.joint = "y";
  pusher.parent = 1;
  pusher.axis = Eigen::Vector3d::UnitY();
  pusher.origin = Eigen::Isometry3d::Identity();
  pusher.mass = kPusherMass;
  RobotShape cylinder;
  cylinder.kind = ShapeKind::kCylinder;
  cylinder.size = {kPusherRadius, kPusherRadius, kPusherHeight / 2};
  pusher.collisions = {cylinder};
  RobotModel model;
  model.name = "pusher";
  model.links = {base, slide, pusher};
  return model;
}

const RobotModel& slides() {
  static const RobotModel model = make_slides();
  return model;
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
  RobotOptions options{.fixed_base = true, .group = kPusherBit, .mask = kBlockBit};
  options.friction = kPusherFriction;
  options.linear_damping = options.angular_damping = 0;
  slides_.emplace(world, slides(), options);
  for (int i = 0; i < 2; ++i) slides_->set_joint(i, place[i]);
  slides_->settle();
  drive(Vector2d::Zero());
}

void PushBodies::drive(const Vector2d& velocity) {
  for (int i = 0; i < 2; ++i) slides_->drive(i, slides_->position(i), velocity[i], 0, kPusherForce);
}

TeePose PushBodies::tee() const {
  const btTransform& pose = block_->getWorldTransform();
  const btVector3 ahead = pose.getBasis().getColumn(0);
  return {.place = {pose.getOrigin().x(), pose.getOrigin().y()}, .heading = std::atan2(ahead.y(), ahead.x())};
}

}  // namespace understudy::push
