#pragma once
/// \file Land: bring a quadrotor down on a rooftop pad, gently, in wind and gusts.
///
/// Physics: one rigid body in Bullet (double precision, gravity 9.81 m/s², 240 Hz, 8 substeps per action)
/// that really collides: skids, hull and rotor discs meet roof, pad, parapet, plant and the houses around.
/// Four rotors with first-order lag, thrust, drag torque and in-plane drag, and quadratic drag of the hull
/// (envs/tasks/landing/land_quadrotor.h: the AscTec Hummingbird, 0.716 kg, 0.34 m between opposite rotors).
/// Wind is a mean that stays plus Ornstein-Uhlenbeck gusts (envs/tasks/landing/land_wind.h) that change with
/// every action, all of it drawn from the seed; nobody observes it.
///
/// Control: an action is a velocity; an autopilot on board (envs/tasks/landing/land_autopilot.h) turns it
/// into attitude and rotor speeds at 240 Hz, leans into the wind by itself, and lets the rotors idle while
/// the skids touch and the action says down.
///
/// Frames: the *heading frame* has its origin between the skids, x where the nose points (level), y left,
/// z up. Yaw is positive to the left.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx | wanted velocity forward, 1 = 3 m/s | [-1, 1] |
/// | 1 dy | wanted velocity to the left, 1 = 3 m/s | [-1, 1] |
/// | 2 dz | wanted velocity up, 1 = 2 m/s | [-1, 1] |
/// | 3 yaw | wanted turning rate, left positive, 1 = 1.5 rad/s | [-1, 1] |
///
/// dx and dy together are limited to 3 m/s in any direction.
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_pad | 3 | centre of the pad minus the point between the skids, heading frame | m | [-30, 30] |
/// | velocity | 3 | over ground, heading frame | m/s | [-20, 20] |
/// | tilt | 2 | roll (right side down positive), pitch (nose down positive) | rad | [-pi, pi] |
/// | body_rate | 3 | turning rates about the body's x, y, z | rad/s | [-30, 30] |
/// | touching | 1 | 1 while a skid touches something, else 0 | - | [0, 1] |
///
/// Start: at rest in the air, 5 to 9 m beside the pad in any direction and 4 to 7 m above it, the nose within
/// 60 degrees of the pad. Mean wind up to 3 m/s from anywhere; gusts of 0.4 m/s.
///
/// Touchdown: a skid touches after at least 0.25 s in the air. It is *gentle* when the vertical
/// speed is below 0.5 m/s and the tilt below 10 degrees. After a touchdown that is not gentle one
/// has to lift off and try again.
///
/// Termination: success; a crash: a touch of hull or rotors, a touchdown at 1.2 m/s or more in vertical or
/// 1.5 m/s or more in horizontal direction, or more than 60 degrees of tilt; or further than 20 m from
/// the pad.
/// Success: standing, after a gentle touchdown, within 0.3 m of the pad's centre and below 10 degrees of
/// tilt, for 30 steps (1 s) in a row.
///
/// Reward per step (ours): 0.2 * approach to the pad's centre [m] - 0.005 |a|² - 0.01; + 5 on success; - 5
/// for a crash or for leaving.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_land();

/// Flies down a funnel above the pad: closes in with a speed proportional to the distance, stays above a cone
/// that clears everything on the roof, and ends at 0.3 m/s. Turns its nose to the pad on the way. A
/// continuous, deterministic function of `to_pad`, and for who is slow of `touching`. A bold style has a flatter cone,
/// its opposite a steeper one that ends 5 m up: first across, then down.
std::unique_ptr<Actor> make_land_expert(const ExpertStyle& style = {});

namespace land {

// Index of each field's first entry in the observation.
inline constexpr int kToPad = 0;
inline constexpr int kVelocity = 3;
inline constexpr int kTilt = 6;
inline constexpr int kBodyRate = 8;
inline constexpr int kTouching = 11;
inline constexpr int kObservationSize = 12;

inline constexpr double kMaxSpeed = 3;          ///< m/s, level
inline constexpr double kMaxClimb = 2;          ///< m/s, up and down
inline constexpr double kMaxYawRate = 1.5;      ///< rad/s
inline constexpr double kGentleDescent = 0.5;   ///< m/s at touchdown
inline constexpr double kGentleTilt = 0.17453;  ///< rad: 10 degrees
inline constexpr double kPadTolerance = 0.3;    ///< m from the pad's centre
inline constexpr int kStaySteps = 30;           ///< steps in a row

}  // namespace land
}  // namespace understudy
