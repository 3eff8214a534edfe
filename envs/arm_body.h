#pragma once
/// \file Private to envs: the arm as a Bullet multibody with a position motor in every joint.

#include <BulletDynamics/Featherstone/btMultiBodyJointMotor.h>

#include <array>

#include "envs/arm.h"
#include "envs/bullet_world.h"

namespace understudy {

/// The arm of envs/arm.h inside a world. Its links are capsules; they meet what `mask` says, never one
/// another.
class ArmBody {
 public:
  /// Builds the arm at rest with joint angles `angles` [rad].
  ArmBody(BulletWorld& world, const JointVector& angles, int group, int mask);

  /// Before a physics step: where every joint shall be after it [rad] and how fast it shall move then
  /// [rad/s].
  void drive(const JointVector& angles, const JointVector& velocities);
  /// false lets every joint swing freely.
  void set_powered(bool powered);

  JointVector angles() const;      ///< rad
  JointVector velocities() const;  ///< rad/s
  const btMultiBody& body() const { return *body_; }

 private:
  btMultiBody* body_ = nullptr;
  double strength_;  ///< factor on the greatest torques in a varied episode
  std::array<btMultiBodyJointMotor*, kArmJoints> motors_{};
};

}  // namespace understudy
