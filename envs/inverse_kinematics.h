#pragma once
/// \file Joint angles that bring the arm's hand to a point.

#include "envs/arm.h"

namespace understudy {

/// Damped least squares with damping only near singular poses (Nakamura & Hanafusa 1986), and the spare four
/// degrees of freedom drawn to a posture in the null space of the hand's Jacobian (Liégeois 1977).
struct IkOptions {
  double damping = 0.1;        ///< lambda_0, m/rad: bounds the joint step where the arm is singular
  double singular = 0.02;      ///< w_0, m³: damp where the manipulability w = sqrt(det J J^T) is below
  double posture_gain = 0.05;  ///< share of the way to the posture per iteration, [-]
  double max_step = 0.2;       ///< rad, largest change of any joint per iteration
  JointVector posture = arm_posture();
};

/// One iteration from `angles` towards `target` [m]:
///   step = J+ e + (I - J+ J) gain (posture - angles),  J+ = J^T (J J^T + lambda² I)^-1,
///   e = target - hand,  lambda = lambda_0 (1 - w / w_0) where w < w_0, else 0;
/// then clamped to the joint limits. Returns the new angles [rad].
JointVector ik_step(const JointVector& angles, const Eigen::Vector3d& target, const IkOptions& options = {});

/// Iterates until the hand is within `tolerance` [m] of `target` and the posture has settled, or 200 times.
/// The caller checks arm_pose() when the target may be out of reach.
JointVector solve_ik(const JointVector& start, const Eigen::Vector3d& target, double tolerance = 1e-6,
                     const IkOptions& options = {});

}  // namespace understudy
