#pragma once
/// \file Private to envs: what a robot's links touch with, in Bullet's terms.

#include "envs/robots/robot_model.h"
#include "envs/world/bullet_world.h"

namespace understudy {

inline btVector3 to_bullet(const Eigen::Vector3d& v) {
  return {v.x(), v.y(), v.z()};
}
inline Eigen::Vector3d to_eigen(const btVector3& v) {
  return {v.x(), v.y(), v.z()};
}
btTransform to_bullet(const Eigen::Isometry3d& pose);
Eigen::Isometry3d to_eigen(const btTransform& pose);

/// All shapes of a link in its inertial frame, kept by the world; null when it has none. A mesh touches as
/// its convex hull. Throws Error for a cone.
btCollisionShape* link_shape(BulletWorld& world, const RobotModel& model, const RobotLink& link);

}  // namespace understudy
