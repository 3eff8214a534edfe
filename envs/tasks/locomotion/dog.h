#pragma once
/// \file Dog: a quadruped of twelve joints trots at a commanded velocity.
///
/// Robot: envs/robots/models/dog.urdf, 9.4 kg. Physics: 500 Hz, 10 steps per action, actions at 50 Hz,
/// gravity 9.81 m/s², ground of friction 0.8 (feet 1). An action moves the joints' targets away from a stance
/// (abduction 0, hip 0.75, knee -1.5 rad); a torque of 25 N·m/rad times the error minus 0.5 N·m·s/rad times
/// the velocity drives them, within the motors' limits of 18 (abduction, hip) and 26 N·m (knee). It is
/// computed at every physics step.
///
/// Legs in this order: front left, front right, back left, back right; joints: abduction, hip, knee.
///
/// | action | meaning | range |
/// |---|---|---|
/// | one per joint | target minus stance, 1 = 0.5 rad | [-1, 1] |
///
/// | observation | size | meaning | unit |
/// |---|---|---|---|
/// | velocity | 3 | of the trunk's centre: forwards, to the left, up (trunk's frame) | m/s |
/// | turning | 3 | angular velocity of the trunk, its frame | rad/s |
/// | gravity | 3 | direction of gravity in the trunk's frame | - |
/// | command | 3 | wanted velocity forwards and to the left, wanted yaw rate | m/s, rad/s |
/// | clock | 2 | sine and cosine of the trot's phase, 2 Hz | - |
/// | joint_pos | 12 | angle minus stance | rad |
/// | joint_vel | 12 | rate | rad/s |
/// | last_action | 12 | the action before, 0 at first | - |
///
/// Start: standing in the stance, every joint off by U(-0.05, 0.05) rad; the command is drawn from forwards
/// U(0, 1) m/s, left U(-0.3, 0.3) m/s, yaw U(-0.6, 0.6) rad/s and holds for the episode.
///
/// Reward per action, tracking terms and penalties after Rudin et al., "Learning to walk in minutes using
/// massively parallel deep reinforcement learning", CoRL 2021, with our weights and the trot added:
/// exp(-|v - v*|² / 0.25) + 0.5 exp(-(w - w*)² / 0.25) + 0.25 (share of feet that touch the ground just
/// when the trot says so) - 0.5 v_z² - 0.05 (w_x² + w_y²) - 0.5 (g_x² + g_y²) - 0.0002 |torques|² -
/// 0.01 |a - last a|². The trot has front left and back right on the ground in the clock's first half,
/// the other two in its second.
///
/// Terminated: the trunk is below 0.15 m or tilted by more than 60°. There is no success: the return
/// counts. At most 500 actions.

#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_dog();

}  // namespace understudy
