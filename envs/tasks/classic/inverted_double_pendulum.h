#pragma once
/// \file InvertedDoublePendulum: balance two poles, one above the other, on a cart.
///
/// After PyBullet's InvertedDoublePendulumBulletEnv-v0 (github.com/bulletphysics/bullet3,
/// pybullet_envs). Physics: a cart of 10.5 kg on a rail of ±1 m, two poles of 4.2 kg and 0.6 m
/// (envs/robots/models/inverted_double_pendulum.urdf); gravity 9.8 m/s², one step of 16.5 ms per
/// action, 5 solver iterations.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 force | on the cart along the rail, 1 = 200 N | [-1, 1] |
///
/// | observation | size | meaning | unit |
/// |---|---|---|---|
/// | cart | 2 | place and velocity of the cart | m, m/s |
/// | upper_x | 1 | place of the upper pole's centre along the rail | m |
/// | lower | 3 | cosine and sine of the lower pole's angle from upright, its rate | -, rad/s |
/// | upper | 3 | the same of the upper pole's angle to the lower pole | -, rad/s |
///
/// Start: the cart in the middle, all at rest, both angles U(-0.1, 0.1) rad.
///
/// Reward per action: 10 - 0.01 x² - (y + 0.3 - 2)² with x, y the place of the upper pole's centre and its
/// height above the rail [m]: 9.36 upright. PyBullet multiplies its velocity penalty by 0, so there is none.
/// Terminated: y + 0.3 <= 1. There is no success: the return counts; PyBullet counts 9100 as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_inverted_double_pendulum();

}  // namespace understudy
