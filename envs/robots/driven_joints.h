#pragma once
/// \file Private to envs: the joints of a robot with a fixed base as something that torques drive.

#include <Eigen/Core>
#include <string>
#include <vector>

#include "datasets/types/rng.h"
#include "datasets/types/space.h"
#include "envs/robots/robot_model.h"

namespace understudy {

/// One joint of one degree of freedom, with the defaults of envs/tasks/any_robot/joint_control.h
/// where the URDF says nothing.
struct DrivenJoint {
  std::string name;
  bool turns = true;         ///< else it slides
  bool endless = false;      ///< turns without limits
  double low = 0, high = 0;  ///< rad or m; endless: -pi and pi
  double effort = 0;         ///< N·m or N
  double speed = 0;          ///< rad/s or m/s, no more than the drive can get it to and stop within its range
  double friction = 0;       ///< N·m or N, the URDF's
  double inertia = 0;        ///< kg·m² or kg, the most of many poses, with all other joints held
  double least_inertia = 0;  ///< the least of them, with all other joints free
  double damping = 0;        ///< N·m·s/rad or N·s/m, the URDF's

  /// Time constant of the drive's straight line from effort to speed [s].
  double lag() const { return speed * inertia / effort; }
  /// By how much the URDF's damping makes that line steeper.
  double steepening() const { return 1 + damping * speed / effort; }
  double half_range() const { return (high - low) / 2; }
  /// Way from `position` to `target`: the shorter one round if the joint is endless.
  double way(double position, double target) const;
};

inline constexpr double kDrawnShare = 0.7;  ///< of each range, in its middle, that poses are drawn from

/// In the order of the model's degrees of freedom. Throws Error as make_joint_control says.
std::vector<DrivenJoint> driven_joints(const RobotModel& model);

/// Seconds that a task is to allow for going through kDrawnShare of every range and coming to rest there. Throws
/// Error naming the joint that is too weak for its load to do so in ten minutes.
double time_for(const RobotModel& model, const std::vector<DrivenJoint>& joints);
/// Per link: whether a joint moves it.
std::vector<bool> moving_links(const RobotModel& model);

/// Positions `[dofs]` drawn uniformly from the middle of each range (endless: from -pi to pi),
/// anew up to 200 times until no moving link's centre is below z = 0, the root's frame being the
/// world's (the last draw counts).
Eigen::VectorXd draw_joints(const RobotModel& model, const std::vector<DrivenJoint>& joints, Rng& rng);

/// The joint's name as the next field after `taken` may be called: in snake_case, with its number where that
/// is needed to tell it from the others.
std::string joint_field_name(const std::string& joint, const std::vector<Field>& taken);

}  // namespace understudy
