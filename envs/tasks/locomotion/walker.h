#pragma once
/// \file Robots that are to walk towards x = +1 km: what Hopper, Walker2D,
/// HalfCheetah, Ant and Humanoid share.
///
/// Observation layout, reward terms, termination, torques and solver settings are those of PyBullet's
/// locomotion environments (github.com/bulletphysics/bullet3, pybullet_envs), which took them from OpenAI's
/// Roboschool, so that returns can be compared with what is published for HopperBulletEnv-v0 and its kin.
/// What differs: actions are clamped to [-1, 1] before they are charged for; joint axes are of unit length
/// (PyBullet's Ant and Humanoid have longer ones, which scales what their joints feel); links are seen
/// where they are (PyBullet shows all but a moving base as they were one physics step before); links on
/// fixed joints may be merged.
///
/// Physics: 60.6 Hz actions, 4 steps of 4.125 ms each, gravity 9.8 m/s², 5 solver iterations, contact ERP
/// 0.9. The ground is a plane of friction 0.8 and restitution 0.5. An action is a torque: entry i times the
/// effort limit of the robot's i-th joint (envs/robots/models/*.urdf), held for the whole action.
///
/// | observation | size | meaning | unit |
/// |---|---|---|---|
/// | height | 1 | torso's centre of mass above where it started | m |
/// | heading | 2 | sine and cosine of the angle from the torso's yaw to the target | - |
/// | velocity | 3 | 0.3 times the torso's velocity: forwards, to the left, up (its yaw frame) | m/s |
/// | tilt | 2 | roll and pitch of the torso | rad |
/// | one per joint | 2 | angle, from -1 to 1 between its limits; 0.1 times its velocity | -, rad/s |
/// | contact | feet | 1: the foot was nearer than 2 cm to the ground *before* the last action, else 0 | - |
///
/// All entries are clipped to [-5, 5].
///
/// Reward per action: alive bonus (per robot) + progress - electricity * mean |a_i ω_i| - stall * mean a_i² -
/// 0.1 * (number of joints within 0.5 % of a limit or beyond). ω_i is 0.1 times the joint's velocity;
/// electricity is 2 and stall 0.1 but for Humanoid. Progress is the speed [m/s] of the mean position of all
/// parts towards the target. As in PyBullet the parts are: the centre of mass of each link, the frame of each
/// joint that moves (three for a planar joint, in the torso's `pivot`), and the origin of the floor, so that
/// a robot of n other parts that moves as a whole gets n / (n + 1) of its speed.
///
/// Start: every joint is drawn from U(-0.1, 0.1) rad, whatever its limits say, at rest.
/// Terminated: the alive bonus is negative (never for HalfCheetah). There is no success: the return counts.

#include <memory>
#include <string>
#include <vector>

#include "envs/contract/environment.h"

namespace understudy {

/// What tells one walker from another.
struct WalkerDesign {
  std::string id, summary;
  std::string model;              ///< envs/robots/models/NAME.urdf
  std::vector<std::string> feet;  ///< links whose contact with the ground is observed
  std::string torso = "torso";    ///< link whose pose is observed
  double height = 0;              ///< m, of the model's root link at the start
  double pivot = 0;  ///< m, below the torso's frame: where PyBullet has the joints that move it in its plane
  bool fixed_base = false;       ///< the root holds still (a planar joint does the moving)
  bool merge_fixed = false;      ///< links on fixed joints join their parents
  bool self_collision = false;   ///< links touch one another
  double friction = 0.8;         ///< of the links [-]
  double electricity = 2;        ///< cost of mean |a_i ω_i|
  double stall = 0.1;            ///< cost of mean a_i²
  double reference_height = -1;  ///< m, that `height` is measured from; negative: where it started
  bool terminates = true;        ///< a negative alive bonus ends the episode
  /// Alive bonus of the torso's height [m], its pitch [rad] and the observed contacts `[feet]`.
  double (*alive)(double height, double pitch, const std::vector<bool>& contacts) = nullptr;
};

/// The bare task, without its TimeLimit of 1000 actions.
std::unique_ptr<Environment> make_walker(const WalkerDesign& design);

}  // namespace understudy
