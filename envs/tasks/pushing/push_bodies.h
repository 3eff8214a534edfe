#pragma once
/// \file Private to envs: the block and the pusher of Push as Bullet bodies on their table.

#include <optional>

#include "envs/robots/robot_body.h"
#include "envs/tasks/pushing/push_tee.h"
#include "envs/world/bullet_world.h"

namespace understudy::push {

inline constexpr double kBlockMass = 0.15;   ///< kg, like wood
inline constexpr double kTableGrip = 0.4;    ///< friction coefficient of block and table
inline constexpr double kPusherGrip = 0.35;  ///< of block and pusher
inline constexpr double kPusherForce = 10;   ///< N, of each motor: 17 times what it takes to push the block
inline constexpr double kPusherMass = 0.5;   ///< kg

/// The world that the figures in envs/tasks/pushing/push.h hold for.
WorldOptions push_world();

/// Adds a table, the block lying on it and the pusher, all at rest. The world owns the
/// bodies and must outlive this.
class PushBodies {
 public:
  /// `size` is the block's, as in tee_distance; its height and mass do not change with it.
  PushBodies(BulletWorld& world, const TeePose& block, const Eigen::Vector2d& pusher, double size = 1);

  /// Velocity that the pusher's motors keep from now on, m/s.
  void drive(const Eigen::Vector2d& velocity);

  TeePose tee() const;
  Eigen::Vector2d pusher() const { return {slides_->position(0), slides_->position(1)}; }
  Eigen::Vector2d pusher_velocity() const { return {slides_->velocity(0), slides_->velocity(1)}; }
  btRigidBody& block() { return *block_; }

  // Where they are in a state of the world: the block comes first.
  static constexpr int kPusherX = 2 * BulletWorld::kBodyState;
  static constexpr int kPusherY = kPusherX + 2;
  static constexpr int kStateSize = kPusherX + 4;

 private:
  void add_block(BulletWorld& world, const TeePose& pose, double size);
  void add_pusher(BulletWorld& world, const Eigen::Vector2d& place);

  btRigidBody* block_ = nullptr;
  std::optional<RobotBody> slides_;
};

}  // namespace understudy::push
