#pragma once
/// \file SwingPeg: put a peg that hangs from the hand on a rope into a hole, after the swing-peg-in-hole of
/// SimOpt (Chebotar et al. 2019, https://arxiv.org/abs/1810.05687).
///
/// Departures from SimOpt: Cartesian actions instead of joint velocities; the hole stands upright instead of
/// leaning by 45°; the peg swings at the start; sizes are ours.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h; the fingers hold the rope and do not move.
/// The rope (envs/robots/rope.h) is 20 cm long, 8 links of 6 g on hinges with a damping of 1e-4 N·m·s/rad;
/// the peg is a cylinder of 2.4 cm diameter and 8 cm length, 0.1 kg, that hangs on two more hinges. Rope and
/// peg are part of the arm's multibody. The block is 12 cm x 12 cm x 6 cm with a hole of 3.2 cm x 3.2 cm
/// right through: 4 mm of play to each side.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx, 1 dy, 2 dz | set point's velocity, 1 = 0.5 m/s | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | tip_to_hole | 3 | middle of the hole's mouth minus the peg's lower end | m | [-2, 2] |
/// | peg_vel | 3 | velocity of the peg's middle | m/s | [-5, 5] |
/// | peg_to_hand | 3 | grip point minus the peg's middle | m | [-1, 1] |
/// | lean | 2 | x and y of the unit vector along the peg, upwards; 0 when it hangs straight | - | [-1, 1] |
/// | eef_vel | 3 | velocity of the grip point | m/s | [-5, 5] |
///
/// Start: the hole at x in [0.44, 0.54], y in [0.02, 0.14], the hand at x in [0.40, 0.54], y in [-0.20,
/// -0.08], z in [0.40, 0.44] (m), the rope straight but turned by up to 0.3 rad about x and about y,
/// all uniform, and at rest.
///
/// Reward per step (ours): -d - 0.01 |a|², d from the peg's lower end to the place 4 cm below the middle of
/// the hole's mouth [m]; + 5 on success.
///
/// Termination and success: the peg's lower end is inside the hole, 4 cm below its mouth.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_swing_peg();

/// Moves the hand so that the peg, as a pendulum, comes to rest over the hole, and lowers it. Deterministic.
std::unique_ptr<Actor> make_swing_peg_expert(const ExpertStyle& style = {});

namespace swing_peg {

// Index of each field's first entry in the observation.
inline constexpr int kTipToHole = 0;
inline constexpr int kPegVel = 3;
inline constexpr int kPegToHand = 6;
inline constexpr int kLean = 9;
inline constexpr int kEefVel = 11;
inline constexpr int kObservationSize = 14;

inline constexpr double kRopeLength = 0.2;    ///< m
inline constexpr double kPegRadius = 0.012;   ///< m
inline constexpr double kPegLength = 0.08;    ///< m
inline constexpr double kHoleHalf = 0.016;    ///< m
inline constexpr double kBlockHalf = 0.06;    ///< m
inline constexpr double kBlockHeight = 0.06;  ///< m
inline constexpr double kDepth = 0.04;        ///< m, of a success

}  // namespace swing_peg
}  // namespace understudy
