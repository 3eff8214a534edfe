#pragma once
/// \file JointControl: drive the joints of a robot to a target pose by their torques and hold it there. The
/// robot is any URDF with a fixed base, task `JointControl:FILE.urdf`; `JointControl` alone has the arm of
/// envs/robots/models/arm.urdf, 7 turning joints and 2 sliding fingers.
///
/// Physics: 240 Hz, 60 actions per second, torques applied anew at every physics step. Revolute, continuous
/// and prismatic joints are driven, each on its own (<mimic> is ignored); a planar joint is refused. Joint
/// limits hold. Nothing is touched: the robot meets neither itself nor the floor. The torque of joint i is
///
///   tau_i = gravity_i + effort_i (a_i - v_i / speed_i) - damping_i v_i
///
/// with effort and speed the joint's limits: the drive has a motor's straight line from full effort at
/// rest to none at the speed limit, so that no action pushes past that limit. v is the speed at the end of
/// the physics step ((M + h D)^-1 with M the mass matrix and D the slopes in v), which keeps light joints
/// with strong drives stable; the URDF's friction is weighed in the same way.
/// gravity_i = sum over links of mass g (column i of the centre's Jacobian)_z holds the robot
/// against its weight; it comes on top of the effort and goes on reckoning with nominal masses and
/// 9.81 m/s² in varied episodes.
///
/// Where the URDF says no velocity: 2 rad/s, 0.5 m/s. A drive that is too weak for the speed limit, or a limit
/// that stands for none, has the speed that it can reach in half its range instead: sqrt(effort range /
/// inertia), where inertia is the greatest of many poses'. Turning joints whose limits lie 25 rad and more
/// to either side have none. No effort: what holds the links that hang on the joint
/// against gravity, stretched out as in the zero pose: g times the sum of mass (sliding) or of mass times
/// distance from the joint (turning), at least 0.1.
///
/// | action | meaning | range |
/// |---|---|---|
/// | i, called as the joint, in snake_case | share of the joint's effort | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_target | joints | target minus position, 1 = half the range between the limits | - | [-2, 2] |
/// | velocity | joints | 1 = the joint's speed limit | - | [-5, 5] |
///
/// A continuous joint counts from -pi to pi, and its to_target is the shorter way round.
///
/// Start and target: each joint is drawn uniformly from the middle 70 % of its range (continuous: -pi to pi),
/// anew, up to 200 times, until no moving link's centre is below the floor, z = 0 (the last draw counts).
///
/// Strength scales the efforts, damping the URDF's own; the robot has no dimensions that can be varied.
///
/// Reward per step (ours): -mean |to_target| - 0.01 mean a²; + 5 on success.
///
/// Termination and success: after each of 10 steps in a row, every turning joint within 0.05 rad of its
/// target and slower than 0.1 rad/s, every sliding joint within 2 mm and slower than 1 cm/s.
///
/// Horizon: one and a half times what the slowest joint needs for the whole way at its speed, and four times
/// the greatest speed inertia / effort, at least 2 s.

#include <memory>
#include <string>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

struct RobotModel;

/// The bare task, without its TimeLimit, with the arm.
std::unique_ptr<Environment> make_joint_control();
/// The same with another robot, whose root is fixed, as task `id`. Throws Error naming the robot and the
/// joint when no joint can be driven, one is planar, or one has no room between its limits, more than 100 m of
/// it, or a drive that would need more than ten minutes.
std::unique_ptr<Environment> make_joint_control(const RobotModel& robot, const std::string& id);

/// Proportional and derivative law on the observation, for every joint on its own: action = (6/s half_range
/// to_target) / speed - 0.5 velocity, and what friction takes; weaker and more damped for joints that are slow to get to their speed.
/// Deterministic.
std::unique_ptr<Actor> make_joint_control_expert(const ExpertStyle& style = {});
/// For another robot. Throws like make_joint_control.
std::unique_ptr<Actor> make_joint_control_expert(const RobotModel& robot, const ExpertStyle& style = {});

}  // namespace understudy
