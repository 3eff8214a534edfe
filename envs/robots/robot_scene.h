#pragma once
/// \file What a robot looks like.

#include <vector>

#include "envs/contract/scene.h"
#include "envs/robots/robot_model.h"

namespace understudy {

/// Adds the robot's visuals (its collision shapes where it has none) to `scene`: link i becomes body
/// `first_body` + i, called as the link is. Mesh shapes are stretched by their scale factors.
void add_robot_shapes(const RobotModel& model, int first_body, Scene& scene);

/// "follow", "front" and "top" of a robot that stands at the origin, as far away as
/// its longest chain asks for.
void add_robot_cameras(const RobotModel& model, Scene& scene);

/// Writes the poses of all links from `[links]` world poses (link_poses()).
void pose_robot(const std::vector<Eigen::Isometry3d>& poses, int first_body, Scene& scene);

}  // namespace understudy
