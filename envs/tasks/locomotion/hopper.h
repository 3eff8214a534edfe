#pragma once
/// \file Hopper: hop forwards on one leg, in a plane. Physics, observation and reward:
/// envs/tasks/locomotion/walker.h.
///
/// Actions: torques of hip, knee and ankle, 1 = 75 N·m. Observation: 15 entries, one foot.
/// Alive bonus: +1 while the torso's centre is above 0.8 m and |pitch| < 1 rad, else -1, which
/// ends the episode. The robot has 15.8 kg; like PyBullet's HopperBulletEnv-v0, of which a return
/// of 2500 counts as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_hopper();

}  // namespace understudy
