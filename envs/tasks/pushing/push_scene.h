#pragma once
/// \file What Push looks like.

#include "envs/contract/scene.h"
#include "envs/tasks/pushing/push_tee.h"

namespace understudy::push {

// Bodies of the scene: the world, the block, the pusher.
inline constexpr int kBlockBody = 1;
inline constexpr int kPusherBody = 2;
inline constexpr float kPusherTop = 0.084F;  ///< m above the table

/// Adds room, table, the goal's outline, block, pusher and cameras to an empty scene. `size` is the
/// block's, as in tee_distance.
void add_push_shapes(const TeePose& goal, double size, Scene& scene);

/// Places block and pusher [m].
void pose_push_scene(const Eigen::Isometry3d& block, const Eigen::Vector2d& pusher, Scene& scene);

}  // namespace understudy::push
