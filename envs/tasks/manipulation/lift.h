#pragma once
/// \file Lift: grip a cube on the table and lift it, after robosuite's task of that name.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h, with yaw and gripper. The cube has edges of
/// 4 cm, 0.1 kg and friction 1, as the fingers have; nothing but friction holds it.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx, 1 dy, 2 dz | set point's velocity, 1 = 0.5 m/s | [-1, 1] |
/// | 3 yaw | its turn about the vertical, 1 = 1.5 rad/s | [-1, 1] |
/// | 4 gripper | 1 closes and -1 opens each finger at 0.1 m/s | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_cube | 3 | cube's centre minus grip point | m | [-2, 2] |
/// | cube_turn | 2 | sine, cosine of 4 times the yaw from hand to cube (alike every 90°) | - | [-1, 1] |
/// | opening | 1 | between the pads | m | [0, 0.1] |
/// | lifted | 1 | cube's centre above where it lies on the table | m | [-0.1, 1] |
/// | eef_vel | 3 | velocity of the grip point | m/s | [-5, 5] |
///
/// Start: the cube's centre is drawn uniformly from x in [0.40, 0.56], y in [-0.18, 0.18] with any yaw, the
/// hand from x in [0.40, 0.56], y in [-0.18, 0.18], z in [0.14, 0.24] (m), open, at yaw 0. (robosuite draws
/// the cube from 6 cm x 6 cm under a hand that is always at the same place.)
///
/// Reward per step: robosuite's, less its greatest value so that a slow success never pays, each term over
/// 2.25: reaching 1 - tanh(10 d) with d the distance from grip point to cube [m], gripping 0.25 while both
/// pads press on the cube, success 2.25 instead of both.
///
/// Termination and success: the cube's centre is more than 4 cm above where it lies on the table.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_lift();

/// Comes down on the cube from above, turned as the cube is, closes and lifts. Deterministic.
std::unique_ptr<Actor> make_lift_expert(const ExpertStyle& style = {});

namespace lift {

// Index of each field's first entry in the observation.
inline constexpr int kToCube = 0;
inline constexpr int kCubeTurn = 3;
inline constexpr int kOpening = 5;
inline constexpr int kLifted = 6;
inline constexpr int kEefVel = 7;
inline constexpr int kObservationSize = 10;

inline constexpr double kCubeHalf = 0.02;    ///< m
inline constexpr double kLiftHeight = 0.04;  ///< m

}  // namespace lift
}  // namespace understudy
