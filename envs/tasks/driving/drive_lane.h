#pragma once
/// \file Private to envs: keeping a lane of Drive's road, and the pedals for a wanted acceleration.

#include "envs/tasks/driving/drive_car.h"
#include "envs/tasks/driving/drive_track.h"

namespace understudy::drive {

/// The road as somebody sees it who travels along it (`direction` +1) or against it (-1): offsets and
/// curvatures are positive to this traveller's left, distances positive ahead.
struct RoadView {
  double offset;                ///< m, from the centreline
  double heading_error;         ///< rad
  float curvatures[kPreviews];  ///< 1/m, of the centreline at kPreviewDistances
};
RoadView view_road(const DriveTrack& track, const DriveTrack::Place& place, double yaw, int direction);

/// Front-wheel angle [rad] that keeps `lane` [m], left positive, of the road that `curvatures` describe
/// (tracking_angle, with the lane's own curvature k / (1 - k lane)).
double lane_angle(const float* curvatures, double speed, double offset, double heading_error, double lane);

/// Throttle (above 0) or brake (below 0) in [-1, 1] that gives `acceleration` [m/s²] at `speed` [m/s].
double pedal_for(const CarOptions& car, double acceleration, double speed);

}  // namespace understudy::drive
