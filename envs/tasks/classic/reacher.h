#pragma once
/// \file Reacher: bring the fingertip of a two-link arm in the plane to a target.
///
/// After PyBullet's ReacherBulletEnv-v0 (github.com/bulletphysics/bullet3, pybullet_envs). Physics: two links
/// of 0.1 m and 36 g, the fingertip 0.11 m from the elbow (envs/robots/models/reacher.urdf); no gravity, one
/// step of 16.5 ms per action, 5 solver iterations.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 shoulder | torque, 1 = 0.05 N·m | [-1, 1] |
/// | 1 elbow | torque, 1 = 0.05 N·m | [-1, 1] |
///
/// | observation | size | meaning | unit |
/// |---|---|---|---|
/// | target | 2 | x, y of the target | m |
/// | to_target | 2 | fingertip minus target | m |
/// | shoulder | 3 | cosine and sine of the angle; 0.1 times its rate | -, rad/s |
/// | elbow | 2 | angle, -1 to 1 between its limits of ±3 rad; 0.1 times its rate | -, rad/s |
///
/// PyBullet shows cosine and sine of one minus twice the shoulder's angle, because that joint
/// has no limits to scale by.
///
/// Start: target uniform in a square of ±0.27 m, both angles uniform in ±3.14 rad, at rest.
///
/// Reward per action: 100 times the distance gained on the target [m] - 0.1 (|a_0 ω_0| + |a_1
/// ω_1|) - 0.01 (|a_0| + |a_1|)
/// - 0.1 while the elbow's scaled angle is within 0.01 of 1 or -1. ω is 0.1 times a joint's rate [rad/s].
/// Never terminates; 150 actions. There is no success: the return counts; PyBullet counts 18 as solved.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_reacher();

}  // namespace understudy
