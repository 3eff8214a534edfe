#pragma once
/// \file Joint angles that bring the arm's hand to a point.

#include "envs/arm.h"

namespace understudy {

/// Damped least squares (Nakamura & Hanafusa 1986; Wampler 1986) with the spare four degrees of freedom drawn
/// to a posture in the null space of the hand's Jacobian (Liégeois 1977).
struct IkOptions {
  double damping = 0.05;       ///< lambda, m/rad: bounds the joint step near singular poses
  double posture_gain = 0.05;  ///< share of the way to the posture per iteration, [-]
  double max_step = 0.2;       ///< rad, largest change of any joint per iteration
  JointVector posture = arm_posture();
};

/// One iteration from `angles` towards `target` [m]:
///   step = J^T (J J^T + lambda² I)^-1 e + (I - J^T (J J^T + lambda² I)^-1 J) gain (posture - angles),
/// e = target - hand; then clamped to the joint limits. Returns the new angles [rad].
JointVector ik_step(const JointVector& angles, const Eigen::Vector3d& target, const IkOptions& options = {});

/// Iterates until the hand is within `tolerance` [m] of `target` and the posture has settled, or 200 times.
/// The caller checks arm_pose() when the target may be out of reach.
JointVector solve_ik(const JointVector& start, const Eigen::Vector3d& target, double tolerance = 1e-6,
                     const IkOptions& options = {});

}  // namespace understudy
