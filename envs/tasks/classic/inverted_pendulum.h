#pragma once
/// \file InvertedPendulum: balance a pole on a cart. InvertedPendulumSwingup: swing it up and keep it there.
///
/// After PyBullet's InvertedPendulumBulletEnv-v0 and InvertedPendulumSwingupBulletEnv-v0
/// (github.com/bulletphysics/bullet3, pybullet_envs). Physics: a cart of 10.5 kg on a rail of ±1 m, a pole of
/// 5.0 kg and 0.6 m (envs/robots/models/inverted_pendulum.urdf); gravity 9.8 m/s², one step of 16.5 ms per
/// action, 5 solver iterations.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 force | on the cart along the rail, 1 = 100 N | [-1, 1] |
///
/// | observation | size | meaning | unit |
/// |---|---|---|---|
/// | cart | 2 | place and velocity of the cart | m, m/s |
/// | pole | 2 | cosine and sine of the pole's angle from upright | - |
/// | pole_velocity | 1 | its rate | rad/s |
///
/// Start: the cart in the middle, all at rest; the pole's angle is U(-0.1, 0.1) rad, for the swing-up
/// 3.1415 rad more (it hangs).
///
/// Reward per action: 1; for the swing-up the cosine of the pole's angle.
/// Terminated: the pole is more than 0.2 rad from upright; the swing-up never ends. There is no success: the
/// return counts. At most 1000; PyBullet counts 950 and 800 (swing-up) as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare tasks, without their TimeLimit.
std::unique_ptr<Environment> make_inverted_pendulum();
std::unique_ptr<Environment> make_inverted_pendulum_swingup();

}  // namespace understudy
