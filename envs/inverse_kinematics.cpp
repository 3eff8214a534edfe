#include "envs/inverse_kinematics.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace understudy {

JointVector ik_step(const JointVector& angles, const Eigen::Vector3d& target, const IkOptions& options) {
  const ArmPose pose = arm_pose(angles);
  const ArmJacobian jacobian = arm_jacobian(pose);
  Eigen::Matrix3d gram = jacobian * jacobian.transpose();
  const double manipulability = std::sqrt(std::max(0.0, gram.determinant()));
  const double damping = options.damping * std::max(0.0, 1 - manipulability / options.singular);
  gram.diagonal().array() += damping * damping;
  // The hand's error, less what the posture's pull would move the hand by, goes through one solve.
  const JointVector pull = options.posture_gain * (options.posture - angles);
  const Eigen::Vector3d error = target - pose.hand - jacobian * pull;
  JointVector step = pull + jacobian.transpose() * gram.ldlt().solve(error);
  step *= std::min(1.0, options.max_step / std::max(step.cwiseAbs().maxCoeff(), 1e-12));
  JointVector next = angles + step;
  for (Eigen::Index i = 0; i < kArmJoints; ++i) {
    const ArmJoint& joint = kArm[static_cast<std::size_t>(i)];
    next[i] = std::clamp(next[i], joint.low, joint.high);
  }
  return next;
}

JointVector solve_ik(const JointVector& start, const Eigen::Vector3d& target, double tolerance,
                     const IkOptions& options) {
  JointVector angles = start;
  for (int i = 0; i < 200; ++i) {
    const JointVector next = ik_step(angles, target, options);
    const double moved = (next - angles).cwiseAbs().maxCoeff();
    angles = next;
    if (moved < 1e-4 && (arm_pose(angles).hand - target).norm() < tolerance) break;
  }
  return angles;
}

}  // namespace understudy
