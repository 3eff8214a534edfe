#pragma once
/// \file What Reach looks like.

#include <Eigen/Core>

#include "envs/arm.h"
#include "envs/scene.h"

namespace understudy::reach {

/// The box that hands start in and targets are drawn from, m.
struct TargetBox {
  Eigen::Vector3d low, high;
};

// Bodies of the scene: the world, the seven links, the target.
inline constexpr int kFirstLinkBody = 1;
inline constexpr int kTargetBody = kFirstLinkBody + kArmJoints;

/// Adds room, table, arm, target box, target and the cameras to an empty scene. `tolerance` is the radius of
/// the target, `height` its place above the table, `tool` the length from the last joint to the hand [m].
void add_reach_shapes(const TargetBox& box, double tolerance, double height, double tool, Scene& scene);

/// Places the links and the target [m].
void pose_reach_scene(const JointVector& angles, const Eigen::Vector3d& target, Scene& scene);

}  // namespace understudy::reach
