#pragma once
/// \file Drive: one lap of a closed track, never leaving it.
///
/// Physics: Bullet's raycast vehicle (four wheels on sprung rays, friction ellipse per wheel) in double
/// precision, 240 Hz, 8 substeps per action, semi-implicit Euler; all-wheel drive, 350 kg, wheelbase 1.7 m,
/// grip about 1.1 g. Kerbs are a bump of 3 cm that the wheels ride over; ten cones of 1.5 kg stand at the
/// edges of the asphalt and can be knocked about. The track (envs/tasks/driving/drive_track.h), the direction
/// of travel, the places of the cones and a small offset of the start pose are drawn from the seed.
///
/// Frames: x forward, y left, z up; yaw and curvature are positive to the left. Offsets are measured from the
/// centreline, positive to its left. Only the steering *action* follows the stick: positive is right.
///
/// | action | symbol | meaning | range |
/// |---|---|---|---|
/// | 0 steer | a_s | front-wheel angle, share of what the speed allows: -1 left, +1 right | [-1, 1] |
/// | 1 throttle | a_t | above 0 throttle, below 0 brake; there is no reverse gear | [-1, 1] |
///
/// The wanted angle is -a_s * max_steer_angle(v) and the wheels follow it with a lag of 0.08 s.
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | lidar | 17 | free way from the car's centre to edge or cone, -90° (right) to +90° | m | [0, 20] |
/// | speed | 1 | forward velocity of the car's centre | m/s | [-20, 20] |
/// | slip | 1 | leftward velocity of the car's centre | m/s | [-10, 10] |
/// | yaw_rate | 1 | turning rate, left positive | rad/s | [-6, 6] |
/// | lateral_offset | 1 | distance of the car's centre from the centreline, left positive | m | [-6, 6] |
/// | heading_error | 1 | car's yaw minus the centreline's, left positive | rad | [-pi, pi] |
/// | curvature_ahead | 6 | centreline's curvature 0, 2, 4, 8, 12, 18 m ahead | 1/m | [-0.25, 0.25] |
///
/// The front wheels' angle is left out on purpose: it is the demonstrator's last action, a little late, and a
/// network that sees it learns to repeat itself (de Haan et al. 2019). It is part of the state.
///
/// Reward per step (ours): 0.1 * progress along the centreline [m] - 0.002 * (change of front-wheel angle per
/// second)^2 [rad²/s²] - 0.5 per cone touched for the first time; + 5 for the lap; - 5 for leaving the track.
/// A clean lap returns about 0.1 * length + 5, that is 18 to 24.
///
/// Dimensions that can be varied (envs/randomisation/randomisation.h): wheelbase, of which the steering's
/// aid knows nothing, and cone_size. Friction also scales the tyres' grip, damping the suspension's,
/// strength engine and brakes.
///
/// Termination: the lap is complete (progress = length of the centreline), or the car's centre passes the
/// outer edge of a kerb (|lateral_offset| > half width), or the car lies on its side. Success: the lap is
/// complete.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_drive();

/// Path-tracking expert: steers by the previewed curvature, offset and heading error; slows down for the
/// tightest bend ahead. A smooth, deterministic function of the observation. A style keeps beside the centreline.
std::unique_ptr<Actor> make_drive_expert(const ExpertStyle& style = {});

namespace drive {

inline constexpr int kRays = 17;
inline constexpr double kRayRange = 20;    ///< m
inline constexpr double kWheelbase = 1.7;  ///< m
inline constexpr int kPreviews = 6;
inline constexpr double kPreviewDistances[kPreviews] = {0, 2, 4, 8, 12, 18};  ///< m

// Index of each field's first entry in the observation.
inline constexpr int kLidar = 0;
inline constexpr int kSpeed = kLidar + kRays;
inline constexpr int kSlip = kSpeed + 1;
inline constexpr int kYawRate = kSlip + 1;
inline constexpr int kLateralOffset = kYawRate + 1;
inline constexpr int kHeadingError = kLateralOffset + 1;
inline constexpr int kCurvature = kHeadingError + 1;
inline constexpr int kObservationSize = kCurvature + kPreviews;

/// Largest front-wheel angle [rad] that the car allows at forward velocity `speed` [m/s]: 0.5 rad when slow;
/// when fast, the angle at which a car of this wheelbase without slip would corner at 11 m/s². So full
/// stick always turns as hard as the tyres can and never spins the car.
double max_steer_angle(double speed);

}  // namespace drive
}  // namespace understudy
