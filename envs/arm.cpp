#include "envs/arm.h"

namespace understudy {
namespace {

const Eigen::Vector3d kRoll = Eigen::Vector3d::UnitZ();
const Eigen::Vector3d kPitch = Eigen::Vector3d::UnitY();

}  // namespace

const std::array<ArmJoint, kArmJoints> kArm = {{
    {{0, 0, 0.15}, kRoll, -2.9, 2.9, 180, 3.5, 0.075, 0.19},
    {{0, 0, 0.19}, kPitch, -2.1, 2.1, 180, 3.6, 0.070, 0.20},
    {{0, 0, 0.20}, kRoll, -2.9, 2.9, 110, 2.9, 0.065, 0.20},
    {{0, 0, 0.20}, kPitch, -2.4, 2.4, 110, 2.6, 0.060, 0.19},
    {{0, 0, 0.19}, kRoll, -2.9, 2.9, 70, 1.8, 0.055, 0.19},
    {{0, 0, 0.19}, kPitch, -2.3, 2.3, 40, 1.5, 0.050, 0.07},
    {{0, 0, 0.07}, kRoll, -3.0, 3.0, 40, 0.5, 0.040, 0.08},
}};

const Eigen::Vector3d kArmTool(0, 0, 0.08);

JointVector arm_posture() {
  JointVector q;
  q << 0, 0.35, 0, 1.75, 0, 1.04, 0;
  return q;
}

ArmPose arm_pose(const JointVector& angles, const Eigen::Vector3d& tool) {
  ArmPose pose;
  Eigen::Isometry3d frame = Eigen::Isometry3d::Identity();
  for (std::size_t i = 0; i < kArm.size(); ++i) {
    frame.translate(kArm[i].offset);
    frame.rotate(Eigen::AngleAxisd(angles[static_cast<Eigen::Index>(i)], kArm[i].axis));
    pose.joints[i] = frame;
  }
  pose.hand = frame * tool;
  return pose;
}

ArmJacobian arm_jacobian(const ArmPose& pose) {
  ArmJacobian jacobian;
  for (std::size_t i = 0; i < kArm.size(); ++i) {
    const Eigen::Vector3d axis = pose.joints[i].linear() * kArm[i].axis;
    jacobian.col(static_cast<Eigen::Index>(i)) = axis.cross(pose.hand - pose.joints[i].translation());
  }
  return jacobian;
}

}  // namespace understudy
