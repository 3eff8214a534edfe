#pragma once
/// \file Private to envs: a robot arm in a world that is driven by its hand, and a
/// gripper that holds by friction.

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "envs/robots/kinematics.h"
#include "envs/robots/robot_body.h"
#include "envs/world/bullet_world.h"

namespace understudy {

/// What has to be known about a robot to drive it by its hand. The base stands at the world's origin.
struct ArmDescription {
  RobotModel model;
  RobotFrame grip;           ///< the point that is driven; z points out of the hand
  std::vector<int> fingers;  ///< degrees of freedom of the two fingers, open above 0; empty: no gripper
  std::vector<int> loose;    ///< degrees of freedom without a motor, e.g. of a rope; their damping acts
  Eigen::VectorXd posture;   ///< [dofs], what spare joints are drawn to
};

/// The arm of envs/robots/models/arm.urdf: 7 joints, a gripper of 8 cm.
const ArmDescription& our_arm();

enum class Wrist {
  kFree,  ///< only the grip point is driven
  kDown,  ///< the hand points down and turns about the vertical only
};

struct ManipulatorOptions {
  Eigen::Vector3d low{0.25, -0.4, 0.0}, high{0.70, 0.4, 0.45};  ///< m, workspace of the set point
  Wrist wrist = Wrist::kDown;
  double max_speed = 0.5;     ///< m/s
  double max_turn = 1.5;      ///< rad/s about the vertical
  double max_yaw = 1.6;       ///< rad, to either side
  double leash = 0.05;        ///< m from the grip point to the set point
  double finger_speed = 0.1;  ///< m/s of each finger
  double grip_force = 30;     ///< N, of each finger at most
  int group = 2;              ///< collision filter bit
  int mask = -1;              ///< bits it collides with
  double friction = 1;        ///< of links and fingers [-]
};

/// Where a hand is. At yaw 0 its x axis points back along -x, and the fingers move along y.
struct HandPose {
  Eigen::Vector3d position = Eigen::Vector3d::Zero();  ///< m, of the grip point
  double yaw = 0;                                      ///< rad about z, counter-clockwise from above
  double opening = 0.08;                               ///< m, between the pads
};

/// What a hand shall do, each in [-1, 1].
struct HandAction {
  Eigen::Vector3d velocity = Eigen::Vector3d::Zero();  ///< of max_speed; longer than 1 is shortened
  double turn = 0;                                     ///< of max_turn
  double close = 0;                                    ///< of finger_speed: +1 closes, -1 opens, 0 holds
};

/// The arm with a motor in every joint, each with the torque limit of the model. Actions move a set point,
/// which stays in the workspace and on a leash to the hand so that it does not run ahead when a motor is at
/// its limit; damped-least-squares inverse kinematics turn it into joint targets. The fingers are geared
/// together, as on a real parallel gripper; their motors head for an opening at most 1 cm from the present
/// one with a limited force, so that a hand that has closed on something keeps pressing when the action
/// returns to 0. Nothing but friction holds an object.
class Manipulator {
 public:
  /// Builds the arm at rest with its hand at `start`. Throws Error if that is out of reach.
  Manipulator(BulletWorld& world, const ArmDescription& arm, const ManipulatorOptions& options,
              const HandPose& start);

  /// Before the physics steps of an action that lasts `duration` [s].
  void command(const HandAction& action, double duration);
  /// Before each physics step: `share` of the action's duration will have passed after it, in (0, 1].
  void drive(double share);
  /// After the physics steps.
  void look();

  const HandPose& hand() const { return hand_; }
  const Eigen::Vector3d& velocity() const { return velocity_; }  ///< of the grip point, m/s
  double turn_rate() const { return turn_rate_; }                ///< rad/s about the vertical
  const Eigen::Isometry3d& grip() const { return grip_; }        ///< frame of the grip point
  const HandPose& set_point() const { return set_point_; }
  /// Whether both fingers pressed on `object` in the last physics step.
  bool pinches(const btCollisionObject& object) const;

  /// Joint targets, then the set point: position, yaw, opening.
  int state_dim() const { return static_cast<int>(wanted_.size()) + 5; }
  void write_state(StateRef state) const;

  const RobotBody& body() const { return body_; }
  RobotBody& body() { return body_; }

 private:
  FrameTarget target() const;
  void move_set_point(const HandAction& action, double duration);

  const ArmDescription& arm_;
  ManipulatorOptions options_;
  RobotBody body_;
  std::vector<double> effort_;  ///< [dofs] N·m or N
  std::vector<int> finger_links_;
  HandPose set_point_;
  Eigen::VectorXd wanted_, from_,
      speed_;  ///< [dofs] the joints move evenly from from_ to wanted_ within an action
  HandPose hand_;
  Eigen::Vector3d velocity_ = Eigen::Vector3d::Zero();
  double turn_rate_ = 0;
  Eigen::Isometry3d grip_ = Eigen::Isometry3d::Identity();
};

}  // namespace understudy
