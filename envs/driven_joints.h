#pragma once
/// \file Private to envs: the joints of a robot with a fixed base as something that torques drive.

#include <Eigen/Core>
#include <string>
#include <vector>

#include "envs/robot_model.h"

namespace understudy {

/// One joint of one degree of freedom, with the defaults of envs/joint_control.h where the URDF says nothing.
struct DrivenJoint {
  std::string name;
  bool turns = true;         ///< else it slides
  bool endless = false;      ///< turns without limits
  double low = 0, high = 0;  ///< rad or m; endless: -pi and pi
  double effort = 0;         ///< N·m or N
  double speed = 0;          ///< rad/s or m/s
  double damping = 0;        ///< N·m·s/rad or N·s/m, the URDF's

  double half_range() const { return (high - low) / 2; }
  /// Way from `position` to `target`: the shorter one round if the joint is endless.
  double way(double position, double target) const;
};

/// In the order of the model's degrees of freedom. Throws Error as make_joint_control says.
std::vector<DrivenJoint> driven_joints(const RobotModel& model);

/// What the links do to the joints at `positions` `[dofs]`, the root's frame in the world's.
struct JointDynamics {
  Eigen::MatrixXd inertia;  ///< [dofs, dofs] mass matrix: kg·m², kg·m, kg
  Eigen::VectorXd gravity;  ///< [dofs] torques or forces that hold the links against 9.81 m/s²
};
JointDynamics joint_dynamics(const RobotModel& model, const Eigen::Ref<const Eigen::VectorXd>& positions);

}  // namespace understudy
