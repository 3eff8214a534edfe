#pragma once
/// \file Ant: walk forwards on four legs of two joints each. Physics, observation and reward:
/// envs/tasks/locomotion/walker.h.
///
/// Actions: torques of hip and ankle, 1 = 250 N·m, of the legs front left, front right, back left, back right
/// (its front is +y, as in PyBullet). Observation: 28 entries; contacts in the same order.
/// Alive bonus: +1 while the torso's centre is above 0.26 m, else -1, which ends the episode.
/// 182 kg; like PyBullet's AntBulletEnv-v0, of which a return of 2500 counts as solved. PyBullet's ankles
/// have axes of length sqrt(2), so that they feel twice the inertia and turn half as fast under the same
/// torque; these have length 1.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_ant();

}  // namespace understudy
