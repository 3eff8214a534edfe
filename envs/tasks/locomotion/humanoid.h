#pragma once
/// \file Humanoid: walk forwards on two legs with 17 joints. Physics, observation and reward:
/// envs/tasks/locomotion/walker.h.
///
/// Actions, torque at 1: abdomen z, y, x (41 N·m); hip x, z (41), hip y (123), knee (82), right, then left;
/// shoulder 1, 2 and elbow (30.75), right, then left. Observation: 44 entries; height is measured from 0.8 m;
/// feet right, left. Alive bonus: +2 while the torso's centre is above 0.78 m, else -1, which ends the
/// episode. Electricity and stall cost 4.25 times as much as elsewhere: 8.5 and 0.425. Links touch one
/// another, but not those that carry them. 42.1 kg; like PyBullet's HumanoidBulletEnv-v0, of which shoulders
/// and elbows have longer axes (see envs/tasks/locomotion/walker.h).

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_humanoid();

}  // namespace understudy
