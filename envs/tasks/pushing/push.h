#pragma once
/// \file Push: push a T-shaped block over a table until it covers its goal. PushT (Chi et al. 2023,
/// Diffusion Policy; first in Florence et al. 2021, Implicit Behavioral Cloning) in three
/// dimensions and metres: 1 px = 1 mm.
///
/// Task, as in PushT: the block (bar 120 x 30 mm, stem 30 x 90 mm) and a round pusher (radius 15 mm) start
/// anywhere; the goal is fixed in the middle of the workspace, turned by 45 degrees. Ours: actions are
/// velocities, which a gamepad can give, at twice PushT's rate; there are no walls, but the pusher's range is
/// 64 mm wider on every side than PushT's 512 mm, so that it gets behind a block that starts at the edge.
///
/// Physics: double precision, gravity 9.81 m/s², 240 Hz, 12 substeps per action. The block is one rigid body
/// of two boxes, 30 mm high, 0.15 kg, that stands on the table with friction 0.4 and is moved by nothing but
/// contacts. It stops 2 mm after the pusher does when pushed at 0.1 m/s, and stays put. The pusher is an
/// upright cylinder (friction with the block 0.35) on two prismatic joints, each with a velocity motor of at
/// most 10 N. It does not touch the table.
///
/// Control: at 20 Hz an action at full speed moves the pusher by 15 mm and one at the speed of the last
/// corrections by a few tenths of a millimetre; success allows an error of 1.8 mm or 2.4 degrees. At PushT's
/// 10 Hz a person feels the delay.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx | pusher's velocity along x (away from the viewer), 1 = 0.3 m/s | [-1, 1] |
/// | 1 dy | along y (to the viewer's left) | [-1, 1] |
///
/// The two together are limited to 0.3 m/s in any direction. Near the end of its range the pusher slows down.
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | pusher | 2 | pusher, from the middle of the goal: x, y | m | [-1, 1] |
/// | pusher_vel | 2 | its velocity | m/s | [-2, 2] |
/// | block | 2 | middle of the block's area, from that of the goal: x, y | m | [-1, 1] |
/// | turn | 2 | cosine and sine of the block's heading minus the goal's | - | [-1, 1] |
/// | pusher_in_block | 2 | pusher, from the block's middle: along its stem, its bar | m | [-1, 1] |
///
/// Start, as in PushT: the middle of the bar's outer edge in [-156, 144] mm in both directions
/// from the middle of the workspace, any heading; the pusher in [-206, 194] mm, drawn again while
/// nearer than 5 mm to the block.
///
/// Reward per step, as in PushT: clip(coverage / 0.95, 0, 1), coverage being the share of the goal's area
/// that the block covers, computed exactly (envs/tasks/pushing/polygon.h). It is never negative, so a return
/// grows with the length of an episode: compare maxima, as PushT does, or successes.
///
/// Termination and success, as in PushT: coverage > 0.95. Horizon 600 steps (30 s, PushT's 300 at 10 Hz).

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"
#include "envs/tasks/pushing/push_tee.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_push();

/// Plans pushes with a quasi-static model of the block (envs/tasks/pushing/push_plan.h) and makes
/// the first. Deterministic. A style with a side pays for beginning on the other side of the block, but for the last
/// corrections, and turns a block that has nearly half a turn to go that way round.
std::unique_ptr<Actor> make_push_expert(const ExpertStyle& style = {});

namespace push {

// Index of each field's first entry in the observation.
inline constexpr int kPusher = 0;
inline constexpr int kPusherVel = 2;
inline constexpr int kBlock = 4;
inline constexpr int kTurn = 6;
inline constexpr int kPusherInBlock = 8;
inline constexpr int kObservationSize = 10;

inline constexpr double kMaxSpeed = 0.3;        ///< m/s
inline constexpr double kPusherRadius = 0.015;  ///< m
inline constexpr double kReach = 0.32;      ///< m from the middle of the workspace to the end of the range
inline constexpr double kControlRate = 20;  ///< Hz
inline constexpr double kSuccessCoverage = 0.95;  ///< share of the goal's area

/// Where the block has to go, from the middle of the workspace.
TeePose goal_pose();

}  // namespace push
}  // namespace understudy
