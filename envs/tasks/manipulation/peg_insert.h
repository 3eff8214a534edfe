#pragma once
/// \file PegInsert: grip a square peg and put it into a hole with 1.5 mm of play to each side.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h, with yaw and gripper. The peg is 2 cm x 2 cm
/// x 10 cm, 0.1 kg, and stands on the table; the block is 10 cm x 10 cm x 6 cm and stands fast, with a hole
/// of 2.3 cm x 2.3 cm right through. Both have friction: the peg 1, the block 0.3.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx, 1 dy, 2 dz | set point's velocity, 1 = 0.5 m/s | [-1, 1] |
/// | 3 yaw | its turn about the vertical, 1 = 1.5 rad/s | [-1, 1] |
/// | 4 gripper | 1 closes and -1 opens each finger at 0.1 m/s | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_peg | 3 | the place to grip, 2 cm above the peg's middle along it, minus grip point | m | [-2, 2] |
/// | peg_turn | 2 | sine and cosine of 4 times the peg's yaw against the hand's | - | [-1, 1] |
/// | tip_to_hole | 3 | middle of the hole's mouth minus middle of the peg's lower end | m | [-2, 2] |
/// | hole_turn | 2 | sine and cosine of 4 times the hole's yaw against the peg's | - | [-1, 1] |
/// | lean | 2 | x and y of the unit vector along the peg, 0 when it stands | - | [-1, 1] |
/// | opening | 1 | between the pads | m | [0, 0.1] |
/// | eef_vel | 3 | velocity of the grip point | m/s | [-5, 5] |
///
/// Start: the peg at x in [0.40, 0.54], y in [-0.22, -0.06], the hole at x in [0.42, 0.52], y in [0.10,
/// 0.20], both with any yaw, the hand at x in [0.40, 0.54], y in [-0.2, 0.0], z in [0.22, 0.30] (m),
/// open, at yaw 0; all uniform.
///
/// Dimensions that can be varied (envs/randomisation/randomisation.h): clearance, what the hole is wider
/// than the peg; peg_length.
///
/// Reward per step (ours), never positive so that a slow success does not pay: 0.1 (1 - tanh(10 d)) - 1 with
/// d from grip point to where the peg is gripped [m]; while both pads press on the peg 0.6 (1 - tanh(5 h)) +
/// 0.2 depth / 4 cm - 0.8 instead, with h from the peg's lower end to the hole's mouth, horizontally, and
/// depth how far the end is below it inside the hole, at most 4 cm [m]; 0 on success.
///
/// Termination and success: the peg's lower end is inside the hole, 4 cm below its mouth.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_peg_insert();

/// Grips the peg from above, carries it over the hole, turns it as the hole is and lowers it. Deterministic.
std::unique_ptr<Actor> make_peg_insert_expert(const ExpertStyle& style = {});

namespace peg_insert {

// Index of each field's first entry in the observation.
inline constexpr int kToPeg = 0;
inline constexpr int kPegTurn = 3;
inline constexpr int kTipToHole = 5;
inline constexpr int kHoleTurn = 8;
inline constexpr int kLean = 10;
inline constexpr int kOpening = 12;
inline constexpr int kEefVel = 13;
inline constexpr int kObservationSize = 16;

inline constexpr double kPegHalf = 0.01;        ///< m, across
inline constexpr double kPegHalfLength = 0.05;  ///< m
inline constexpr double kHoleHalf = 0.0115;     ///< m
inline constexpr double kBlockHalf = 0.05;      ///< m
inline constexpr double kBlockHeight = 0.06;    ///< m
inline constexpr double kDepth = 0.04;          ///< m, of a success

}  // namespace peg_insert
}  // namespace understudy
