#pragma once
/// \file Reach with a robot of the user's own, task `Reach:FILE.urdf` or `Reach:FILE.urdf#LINK`: bring its
/// end effector to a target in the air and hold it there. The root of the robot is fixed.
///
/// The end effector is a point on LINK: its origin if it hangs on a fixed joint (a tool's frame), else its
/// centre of mass. Without a name it is the link at the end of the longest chain
/// (envs/robots/end_effector.h). R below is its radius of action, the greatest distance of its places from
/// their middle over 500 poses drawn as below.
///
/// Physics: 240 Hz, 30 actions per second. Revolute, continuous and prismatic joints are driven, each on
/// its own (<mimic> is ignored); a planar joint is refused. Joint limits hold. Nothing is touched: the
/// robot meets neither itself nor the floor. Joints are controlled by their velocities: an action moves
/// a joint's set point, which stays within its limits and within what the joint does in 0.1 s, and a
/// motor follows it with at most the joint's effort. The weight of the links is held beside that,
/// reckoned with nominal masses and 9.81 m/s² also in varied episodes. Efforts and speeds that the URDF
/// leaves open are those of envs/tasks/any_robot/joint_control.h. Joints that the end effector does not
/// hang on are held where they start.
///
/// | action | meaning | range |
/// |---|---|---|
/// | the joint, in snake_case | velocity of the set point, 1 = the joint's speed limit | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_target | 3 | target minus end effector, world axes | m | [-4 R, 4 R] |
/// | joints | joints | place in the range, its ends -1, 1 (continuous: angle / pi) | - | [-2, 2] |
/// | velocity | joints | 1 = the joint's speed limit | - | [-5, 5] |
///
/// Start and target: joint poses are drawn as for JointControl, from the middle 70 % of the ranges, no link
/// below the floor; the target is where the end effector is in the second, drawn anew up to 200 times until
/// it is at least R / 4 from the start (the last draw counts). So every target can be reached.
///
/// Strength scales the efforts, damping the URDF's own; the robot has no dimensions that can be varied.
///
/// Reward per step (ours): -e - 0.2 tanh(10 e) - 0.01 mean a², e the distance from end effector to
/// target over R; + 5 on success.
///
/// Termination and success: the distance is below 0.03 R after each of 10 steps in a row.
///
/// Horizon: 2 s and one and a half times what the slowest joint needs for the whole way at its speed limit.

#include <memory>
#include <string>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

struct RobotModel;

/// The bare task `id`, without its TimeLimit; `link` as above, may be empty. Throws Error naming the robot
/// and the link or joint when no joint can be driven, one is planar or has no room between its limits, there
/// is no such link, or the joints do not move it.
std::unique_ptr<Environment> make_reach_robot(const RobotModel& robot, const std::string& link,
                                              const std::string& id);

/// Solves the inverse kinematics for the target, rounded to 0.004 R, from a fixed list of poses, the
/// first that leads there, and drives every joint to that solution at 4/s times its way. Deterministic.
/// Throws like make_reach_robot.
std::unique_ptr<Actor> make_reach_robot_expert(const RobotModel& robot, const std::string& link,
                                               const ExpertStyle& style = {});

namespace reach_robot {

// Index of each field's first entry in the observation; velocities follow the joints.
inline constexpr int kToTarget = 0;
inline constexpr int kJoints = 3;

inline constexpr double kTolerance = 0.03;  ///< of R
inline constexpr int kHoldSteps = 10;       ///< in a row

}  // namespace reach_robot
}  // namespace understudy
