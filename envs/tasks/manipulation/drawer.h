#pragma once
/// \file Drawer: grip the handle of a drawer and pull the drawer open by 20 cm, after
/// Meta-World's drawer-open.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h, with a gripper; the hand is turned by 90°,
/// so that its fingers straddle the bar of the handle. The drawer (envs/robots/models/drawer.urdf) weighs 1.5
/// kg and slides up to 25 cm against a friction of 3 N and a damping of 6 N·s/m; the bar is 1.2 cm thick.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx, 1 dy, 2 dz | set point's velocity, 1 = 0.5 m/s | [-1, 1] |
/// | 3 gripper | 1 closes and -1 opens each finger at 0.1 m/s | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_handle | 3 | middle of the handle's bar minus grip point | m | [-2, 2] |
/// | left | 1 | 20 cm less how far the drawer is open | m | [-0.1, 0.3] |
/// | opening | 1 | between the pads | m | [0, 0.1] |
/// | eef_vel | 3 | velocity of the grip point | m/s | [-5, 5] |
///
/// Start: the drawer is shut, its front at x in [0.60, 0.66], y in [-0.12, 0.12]; the hand is at x in [0.36,
/// 0.50], y in [-0.15, 0.15], z in [0.20, 0.28] (m), 5 cm open; all uniform. Randomisation's geometry.distance moves the
/// drawer along x, as a factor on 63 cm, and the workspace reaches as far.
///
/// Reward per step: -0.5 d - 0.4 |left|, the distances weighted as in SimOpt (Chebotar et al. 2019), d from
/// grip point to handle [m]; + 5 on success.
///
/// Termination and success: the handle is within 3 cm of where it is when the drawer is open by 20 cm.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_drawer();

/// Comes down on the handle from above, closes and pulls. Deterministic.
std::unique_ptr<Actor> make_drawer_expert(const ExpertStyle& style = {});

namespace drawer {

// Index of each field's first entry in the observation.
inline constexpr int kToHandle = 0;
inline constexpr int kLeft = 3;
inline constexpr int kOpening = 4;
inline constexpr int kEefVel = 5;
inline constexpr int kObservationSize = 8;

inline constexpr double kPull = 0.2;           ///< m
inline constexpr double kTolerance = 0.03;     ///< m
inline constexpr double kStartOpening = 0.05;  ///< m, of the hand

}  // namespace drawer
}  // namespace understudy
