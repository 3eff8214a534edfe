#pragma once
/// \file Crowd: take a delivery robot along a shopping street to its goal without touching anybody.
///
/// Physics: Bullet bodies on the plane in double precision, 120 Hz, 4 substeps per action: upright cylinders
/// for robot (0.3 m radius, 40 kg) and pedestrians (0.25 m, 75 kg), boxes for the shop fronts. Bodies have
/// mass and push one another; Bullet finds every touch. Nothing falls and nothing turns.
///
/// Pedestrians follow the social force model of Helbing and Molnár 1995 (envs/tasks/crowd/social_force.h),
/// integrated exactly over each physics step, with the others' pushes as everyone saw them in its last look,
/// 30 times a second. Most walk up or down the street, some cross it from shop to shop, and each
/// turns round at the end of its way. Half of them give way to the robot as to a pedestrian; the others are
/// looking at their phones and do not see it. Desired speeds are normal, 1.34 +- 0.26 m/s (ibid.), within
/// two deviations.
///
/// Frames: x along the street, where the robot faces throughout, y to its left.
///
/// | action | meaning | range |
/// |---|---|---|
/// | 0 dx | wanted velocity forward, 1 = 1.4 m/s | [-1, 1] |
/// | 1 dy | wanted velocity to the left, 1 = 1.4 m/s | [-1, 1] |
///
/// The two together are limited to 1.4 m/s in any direction. The robot's velocity closes in on the wanted one
/// with a lag of 0.15 s and at most 2.5 m/s².
///
/// | observation | size | meaning | unit | range |
/// |---|---|---|---|---|
/// | goal | 2 | goal minus robot: forward, left | m | [-20, 20] |
/// | velocity | 2 | of the robot: forward, left | m/s | [-3, 3] |
/// | fronts | 2 | free way to the shop fronts on the left and on the right | m | [0, 8] |
/// | pedestrians | 24 | 6 nearest in order: position (2), velocity (2) minus robot's | m, m/s | [-40, 40] |
///
/// Start: at one end of the busy part of the street, at rest; the goal lies about 12 m down the street. 14
/// pedestrians, none nearer than 1.6 m.
///
/// Reward per step: 0.1 * approach to the goal [m] - 0.25 * (0.2 m - gap) / 0.2 m per second while the gap to
/// the nearest pedestrian is below 0.2 m; + 5 at the goal; - 5 for a touch. That discomfort begins at 0.2 m
/// is from Chen et al. 2019 (CrowdNav); the coefficients are ours.
///
/// Termination: the robot's centre is within 0.4 m of the goal (success), or it touches a pedestrian or a
/// front.

#include <memory>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// The bare task, without its TimeLimit.
std::unique_ptr<Environment> make_crowd();

/// Weighs 97 velocities by how far they are from the straight way to the goal and how near they would come to
/// the pedestrians seen, each taken to go on as it does, and takes their average under a sharp softmin, so
/// that the action is a continuous function of the observation. Deterministic. A style with a side keeps free also what
/// lies on the other side of those ahead, so that they are passed on that side.
std::unique_ptr<Actor> make_crowd_expert(const ExpertStyle& style = {});

namespace crowd {

inline constexpr int kSeen = 6;         ///< pedestrians in the observation
inline constexpr int kSeenEntries = 4;  ///< of each
inline constexpr int kPedestrians = 14;

// Index of each field's first entry in the observation.
inline constexpr int kGoal = 0;
inline constexpr int kVelocity = 2;
inline constexpr int kFronts = 4;
inline constexpr int kNearest = 6;
inline constexpr int kObservationSize = kNearest + kSeen * kSeenEntries;

inline constexpr double kMaxSpeed = 1.4;           ///< m/s
inline constexpr double kRobotRadius = 0.3;        ///< m
inline constexpr double kPedestrianRadius = 0.25;  ///< m
inline constexpr double kGoalRadius = 0.4;         ///< m
inline constexpr double kDiscomfort = 0.2;         ///< m of gap to the nearest pedestrian

}  // namespace crowd
}  // namespace understudy
