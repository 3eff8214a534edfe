#pragma once
/// \file How a robot's joints move a frame on it, and joint positions that bring the
/// frame to a pose. Eigen only.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <optional>

#include "envs/robots/robot_model.h"

namespace understudy {

/// A frame that is fixed to a link, e.g. the grip point of a hand.
struct RobotFrame {
  int link = 0;                                            ///< index into RobotModel::links
  Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();  ///< in the link's frame
};

/// Rows 0-2: velocity of the frame's origin, rows 3-5: angular velocity, both along the world's axes.
using FrameJacobian = Eigen::Matrix<double, 6, Eigen::Dynamic>;

/// Pose of `frame` in the world for the links' poses of link_poses().
Eigen::Isometry3d frame_pose(const RobotFrame& frame, const std::vector<Eigen::Isometry3d>& links);

/// d frame / d positions `[6, dofs]`: column i of a turning joint is (axis x (frame - joint), axis), of a
/// sliding one (axis, 0). Joints that the frame does not hang on have columns of zeros.
FrameJacobian frame_jacobian(const RobotModel& model, const RobotFrame& frame,
                             const std::vector<Eigen::Isometry3d>& links);

/// Where a frame shall be.
struct FrameTarget {
  Eigen::Vector3d position;                    ///< m, world
  std::optional<Eigen::Matrix3d> orientation;  ///< world; none: any will do
};

/// Damped least squares with damping only near singular poses, by the smallest singular value (Chiaverini
/// 1997), and the spare degrees of freedom drawn to a posture in the null space (Liégeois 1977).
struct IkOptions {
  Eigen::VectorXd posture;     ///< [dofs] rad or m; empty: the present positions
  double posture_gain = 0.05;  ///< share of the way to the posture per iteration [-]
  double damping = 0.1;        ///< lambda_0, m/rad: bounds the joint step where the robot is singular
  double singular = 0.06;      ///< m/rad: damp where the smallest singular value is below
  double lever = 0.3;          ///< m: what an angle of 1 rad counts for in the error
  double max_step = 0.2;       ///< rad or m, largest change of any joint per iteration
};

/// One iteration from `positions` `[dofs]` towards `target`, with e the error of position and lever
/// times that of orientation (a rotation vector), J the Jacobian with its angular rows times lever,
/// sigma its smallest singular value:
///   step = J+ e + (I - J+ J) gain (posture - positions),  J+ = J^T (J J^T + lambda² I)^-1,
///   lambda² = lambda_0² (1 - (sigma / singular)²) where sigma < singular, else 0;
/// then clamped to the joint limits. Moves no joint that the frame does not hang on. Returns `[dofs]`.
Eigen::VectorXd ik_step(const RobotModel& model, const Eigen::Isometry3d& base, const RobotFrame& frame,
                        const FrameTarget& target, const Eigen::VectorXd& positions,
                        const IkOptions& options = {});

/// Iterates until the error is below `tolerance` [m] and the posture has settled, or 200 times. The caller
/// checks frame_pose() when the target may be out of reach.
Eigen::VectorXd solve_ik(const RobotModel& model, const Eigen::Isometry3d& base, const RobotFrame& frame,
                         const FrameTarget& target, const Eigen::VectorXd& start, double tolerance = 1e-6,
                         const IkOptions& options = {});

}  // namespace understudy
