#pragma once
/// \file The geometry of the 7-joint arm: where its hand is and how it moves. Eigen only.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <array>

namespace understudy {

inline constexpr int kArmJoints = 7;
using JointVector = Eigen::Matrix<double, kArmJoints, 1>;

/// One revolute joint and the link it moves. In the pose where all angles are 0 the arm stands upright and
/// all frames are parallel to the world's.
struct ArmJoint {
  Eigen::Vector3d offset;  ///< m, from the joint before (from the base for the first) when all angles are 0
  Eigen::Vector3d axis;    ///< unit vector in the joint's frame; positive by the right-hand rule
  double low, high;        ///< rad
  double max_torque;       ///< N·m
  double mass;             ///< kg, of the link
  double radius;           ///< m, of the link taken as a capsule along z
  double length;  ///< m, from the joint to the end of the link along z; the centre of mass is half way
};

/// Our own arm: alternating roll (z) and pitch (y) joints, a reach of 0.93 m from the shoulder, 16.4 kg. The
/// base is at the origin, on the table.
extern const std::array<ArmJoint, kArmJoints> kArm;
/// From the last joint to the hand, m.
extern const Eigen::Vector3d kArmTool;
/// Elbow up, hand pointing down in front of the base. rad
JointVector arm_posture();

/// Frame of every joint in the world, after its own rotation, and the hand.
struct ArmPose {
  std::array<Eigen::Isometry3d, kArmJoints> joints;
  Eigen::Vector3d hand;  ///< m
};
/// With a tool of another length, `tool` [m] from the last joint to the hand.
ArmPose arm_pose(const JointVector& angles, const Eigen::Vector3d& tool = kArmTool);

using ArmJacobian = Eigen::Matrix<double, 3, kArmJoints>;
/// d hand / d angles [m/rad] at `pose`: column i is axis_i x (hand - joint_i), both in the world.
ArmJacobian arm_jacobian(const ArmPose& pose);

}  // namespace understudy
