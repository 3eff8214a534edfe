#pragma once
/// \file What Crowd looks like.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/matrix.h"
#include "envs/contract/scene.h"
#include "envs/tasks/crowd/crowd_walkers.h"

namespace understudy::crowd {

// Bodies of the scene: the world, the robot, then five per pedestrian: trunk, left leg, right leg, left arm,
// right arm.
inline constexpr int kRobotBody = 1;
inline constexpr int kFirstPedestrianBody = 2;
inline constexpr int kBodiesPerPedestrian = 5;

/// Adds street, shops, goal, robot, pedestrians and the cameras to an empty scene.
void add_crowd_shapes(const std::vector<WalkerPlan>& plans, const Eigen::Vector2d& goal, Scene& scene);

/// Places robot and pedestrians as Crowd's state says: 13 entries per body, the robot first, then per
/// pedestrian the way walked [m], then per pedestrian where it faces [rad].
void pose_crowd_scene(ConstStateRef state, int pedestrians, Scene& scene);

}  // namespace understudy::crowd
