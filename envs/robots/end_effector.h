#pragma once
/// \file Private to envs: the point of any robot that Reach brings to its target.

#include <string>
#include <vector>

#include "envs/robots/driven_joints.h"
#include "envs/robots/kinematics.h"

namespace understudy {

/// A point on a link, and how far the joints move it.
struct EndEffector {
  RobotFrame frame;
  std::vector<int> joints;  ///< degrees of freedom that it hangs on, from the root on
  double radius = 0;        ///< m, greatest distance of its places from their middle, over 500 poses drawn
};

/// The point on link `name`: its origin if it hangs on a fixed joint (a tool's frame), else its centre of
/// mass. Without a name it is the link at the end of the longest chain: of most joints that move, then of the
/// greatest length, then the first. `joints` are driven_joints(model). Throws Error naming the robot and the
/// link when there is no such link, or it cannot be moved.
EndEffector find_end_effector(const RobotModel& model, const std::vector<DrivenJoint>& joints,
                              const std::string& name);

/// Its place [m] for joint positions `[dofs]`, the root at the world's origin.
Eigen::Vector3d place_of(const EndEffector& effector, const RobotModel& model,
                         const Eigen::VectorXd& positions);

}  // namespace understudy
