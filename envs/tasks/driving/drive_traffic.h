#pragma once
/// \file DriveTraffic: one lap of Drive's track as a road with two lanes, among other cars.
///
/// Physics: Drive's car on Drive's tracks (envs/tasks/driving/drive.h), without cones. Six other cars of the
/// same make, each a raycast vehicle of its own with a chassis that collides: three go the same way in the
/// right lane, three come the other way in theirs. A lane's middle is 1.5 m from the centreline. They keep
/// lane and speed, 4.5 to 6.5 m/s, slower in bends; follow whoever is ahead in their lane, the actor's car
/// included, by the Intelligent Driver Model (envs/tasks/driving/car_following.h); and each stops at the
/// zebra crossing for 1 to 3 s. The actor need not stop there, but neither run into those who do. Overtaking
/// is allowed. Track, direction, crossing, places, speeds and stops are drawn from the seed.
///
/// Frames and actions are Drive's:
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 steer | wanted front-wheel angle as a share of what the speed allows: -1 left, +1 right | [-1, 1] |
/// | 1 throttle | above 0 throttle, below 0 brake; there is no reverse gear | [-1, 1] |
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | lidar | 17 | free way from the car's centre to edge or car, -90° (right) to +90° | m | [0, 20] |
/// | speed .. curvature_ahead | 11 | as in Drive, in the same places | | |
/// | lead_gap | 1 | bumper to bumper to the next car the same way; 40: none nearer | m | [-5, 40] |
/// | lead_closing | 1 | own speed minus its speed; 0 if there is none | m/s | [-20, 20] |
/// | oncoming_gap | 1 | the same to the next car that comes the other way | m | [-5, 40] |
/// | oncoming_closing | 1 | sum of both speeds; 0 if there is none | m/s | [-40, 40] |
///
/// Reward per step (ours): Drive's without the cones, 0.1 * progress [m] - 0.002 * (change of front-wheel
/// angle per second)²; + 5 for the lap; - 5 for leaving the road or touching a car.
///
/// Start: in the middle of the right lane, at rest, within 0.3 m and 0.05 rad.
/// Termination: the lap is complete (success); the car's centre passes the outer edge of a kerb; the car lies
/// on its side; or it touches another car, whoever drove into whom.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"
#include "envs/tasks/driving/drive.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_drive_traffic();

/// Keeps to the middle of the right lane as Drive's expert keeps to the centreline, and to its distance by
/// the Intelligent Driver Model, down to standing behind who stands. Never overtakes. Deterministic.
/// A style keeps beside the lane's middle and another distance.
std::unique_ptr<Actor> make_drive_traffic_expert(const ExpertStyle& style = {});

namespace drive {

inline constexpr double kLane = -1.5;        ///< m, offset of the right lane's middle from the centreline
inline constexpr double kTrafficSight = 40;  ///< m, gap beyond which no car is reported

// Index of each field's first entry in the observation, after Drive's.
inline constexpr int kLeadGap = kObservationSize;
inline constexpr int kLeadClosing = kLeadGap + 1;
inline constexpr int kOncomingGap = kLeadClosing + 1;
inline constexpr int kOncomingClosing = kOncomingGap + 1;
inline constexpr int kTrafficObservationSize = kOncomingClosing + 1;

}  // namespace drive
}  // namespace understudy
