#pragma once
/// \file Walker2D: walk forwards on two legs, in a plane. Physics, observation and reward:
/// envs/tasks/locomotion/walker.h.
///
/// Actions: torques of hip, knee (1 = 40 N·m) and ankle (1 = 12 N·m), right leg, then left. Observation:
/// 22 entries, feet right, left. Alive bonus: +1 while the torso's centre is above 0.8 m and |pitch| < 1
/// rad, else -1, which ends the episode. 23.7 kg; like PyBullet's Walker2DBulletEnv-v0, of which a return
/// of 2500 counts as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_walker2d();

}  // namespace understudy
