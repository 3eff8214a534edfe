#pragma once
/// \file HalfCheetah: run forwards on a hind and a fore leg, in a plane. Physics, observation and reward:
/// envs/tasks/locomotion/walker.h.
///
/// Actions: torques of hip, knee and ankle, hind leg (1 = 108, 81, 54 N·m), then fore leg (126, 54, 27 N·m).
/// Observation: 26 entries; contacts of front foot, shin, thigh, then back foot, shin, thigh.
/// Alive bonus: +1 while |pitch| < 1 rad and no shin or thigh had contact, else -1; the episode always goes
/// on. 38.2 kg; like PyBullet's HalfCheetahBulletEnv-v0, of which a return of 3000 counts as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_half_cheetah();

}  // namespace understudy
