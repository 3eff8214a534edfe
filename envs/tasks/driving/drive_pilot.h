#pragma once
/// \file How Drive's experts steer and how fast they take bends.

namespace understudy::drive {

/// Front-wheel angle [rad] that brings a car back to its line: the curvature [1/m] of the centreline a fifth
/// of a second ahead, less gains times `offset` from the line [m] and sin(`heading_error`) [rad], both left
/// positive. `curvatures` `[kPreviews]` are those at kPreviewDistances.
double tracking_angle(const float* curvatures, double speed, double offset, double heading_error);

/// Highest speed [m/s] up to `cruise` that lets every bend ahead be taken at 4.5 m/s², braking for it with at
/// most 2.5 m/s².
double bend_speed(const float* curvatures, double cruise);

}  // namespace understudy::drive
