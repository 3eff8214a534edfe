#pragma once
/// \file PickPlace: put a can into a bin and let go of it, after robosuite's PickPlaceCan.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h, with a gripper; the hand keeps its yaw, for
/// a can is round. The can is a cylinder of 6 cm diameter and 10 cm height, 0.15 kg, friction 1. The bin is
/// 20 cm x 20 cm inside, its walls 8 cm high.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx, 1 dy, 2 dz | set point's velocity, 1 = 0.5 m/s | [-1, 1] |
/// | 3 gripper | 1 closes and -1 opens each finger at 0.1 m/s | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_can | 3 | can's centre minus grip point | m | [-2, 2] |
/// | can_to_bin | 3 | centre of the bin's floor minus can's centre | m | [-2, 2] |
/// | opening | 1 | between the pads | m | [0, 0.1] |
/// | eef_vel | 3 | velocity of the grip point | m/s | [-5, 5] |
///
/// Start: the can stands upright at x in [0.40, 0.56], y in [-0.24, -0.04], the bin's centre is at x
/// in [0.42, 0.52], y in [0.17, 0.23], the hand at x in [0.40, 0.56], y in [-0.18, 0.0], z in [0.20,
/// 0.28] (m), open; all uniform.
///
/// Dimensions that can be varied (envs/randomisation/randomisation.h): can_size, its diameter and height;
/// bin_size, its width inside.
///
/// Reward per step: the greatest of robosuite's stages, less 1 so that a slow success never pays, 0 on
/// success. With d from grip point to can, h the can's horizontal distance to the bin's centre, z how much
/// lower the can is than 18 cm (never negative), all in m: reach 0.1 (1 - tanh(10 d)); and while both pads
/// press on the can: grip 0.35, lift 0.35 + 0.15 (1 - tanh(15 z)), hover lift + 0.2 (1 - tanh(10 h)).
///
/// Termination and success: the can's centre is inside the bin and below its rim, and the grip point is more
/// than 8 cm away from it (robosuite asks for 1 - tanh(10 d) < 0.6, which is 4.2 cm).

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_pick_place();

/// Grips the can from above, carries it over the rim, lowers it, opens and rises. Deterministic.
std::unique_ptr<Actor> make_pick_place_expert(const ExpertStyle& style = {});

namespace pick_place {

// Index of each field's first entry in the observation.
inline constexpr int kToCan = 0;
inline constexpr int kCanToBin = 3;
inline constexpr int kOpening = 6;
inline constexpr int kEefVel = 7;
inline constexpr int kObservationSize = 10;

inline constexpr double kCanRadius = 0.03;      ///< m
inline constexpr double kCanHalfHeight = 0.05;  ///< m
inline constexpr double kBinHalf = 0.1;         ///< m, inside
inline constexpr double kBinHeight = 0.08;      ///< m, of the rim above the table
inline constexpr double kBinFloor = 0.006;      ///< m, thickness
inline constexpr double kClear = 0.08;          ///< m from the can to the grip point

}  // namespace pick_place
}  // namespace understudy
