#pragma once
/// \file What DriveTraffic looks like: Drive's track with lanes, a zebra crossing and more cars.

#include "datasets/types/matrix.h"
#include "envs/contract/scene.h"
#include "envs/tasks/driving/drive_kerb.h"
#include "envs/tasks/driving/drive_scene.h"
#include "envs/tasks/driving/drive_track.h"

namespace understudy::drive {

// Bodies of the scene: the world, the actor's car and its wheels as in Drive, then chassis and four wheels of
// every other car.
inline constexpr int kFirstTrafficBody = kFirstConeBody;
inline constexpr int kBodiesPerCar = 5;

// After its bodies, DriveTraffic's state holds the progress, then per car steering angle, suspension (4) and
// rotation of the wheels (4).
inline constexpr int kTrafficExtra = 1;
inline constexpr int kWheelState = 9;

/// Adds everything to an empty scene. `crossing`: where the zebra crossing is along the centreline [m].
void add_traffic_shapes(const DriveTrack& track, const Kerbs& kerbs, const CarShape& car, double crossing,
                        int others, Scene& scene);

/// Places all cars as DriveTraffic's state says.
void pose_traffic_scene(ConstStateRef state, const CarShape& car, int others, Scene& scene);

}  // namespace understudy::drive
