#pragma once
/// \file Reach: bring the hand of a 7-joint arm to a target in the air and hold it there.
///
/// Physics and control: envs/tasks/manipulation/tabletop_task.h, with at most 10 solver iterations,
/// for nothing is gripped: the fingers stay shut, and the hand is the point between their tips.
/// Only that point is driven; the hand may tilt, which lets the arm reach further, and the spare
/// joints are drawn to a posture.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx | set point's velocity along x, 1 = 0.5 m/s | [-1, 1] |
/// | 1 dy | along y | [-1, 1] |
/// | 2 dz | along z | [-1, 1] |
///
/// The three together are limited to 0.5 m/s in any direction.
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | to_target | 3 | target minus hand | m | [-2, 2] |
/// | eef_vel | 3 | velocity of the hand | m/s | [-5, 5] |
///
/// Joint angles and the hand's place are part of the state, not of the observation: actions are Cartesian, so
/// they say nothing about what to do, and a network cloned from a few demonstrations takes them for the mark
/// of the episode it has seen.
///
/// Start: hand and target are drawn uniformly from the box x in [0.35, 0.65], y in [-0.3, 0.3], z in
/// [0.15, 0.55] (m), at least 0.2 m apart.
///
/// Dimensions that can be varied (envs/randomisation/randomisation.h): tool_length, from the last
/// joint to the hand; the inverse kinematics go on reckoning with the nominal 8 cm. Strength scales
/// the motors' torque limits.
///
/// Reward per step (ours): -d - 0.2 tanh(10 d) - 0.01 |a|² with d the distance from hand to target [m]; + 5
/// on success. Never positive before that, so that hovering beside the target does not pay.
///
/// Termination and success: d < 2 cm after each of 10 steps in a row.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_reach();

/// Moves straight to the target with a speed of d / (d + 0.1 m) of the greatest. Deterministic.
std::unique_ptr<Actor> make_reach_expert(const ExpertStyle& style = {});

namespace reach {

// Index of each field's first entry in the observation.
inline constexpr int kToTarget = 0;
inline constexpr int kEefVel = 3;
inline constexpr int kObservationSize = 6;

inline constexpr double kMaxSpeed = 0.5;    ///< m/s
inline constexpr double kTolerance = 0.02;  ///< m
inline constexpr int kHoldSteps = 10;       ///< steps in a row

}  // namespace reach
}  // namespace understudy
