#include "envs/tasks/driving/drive_lane.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/tasks/driving/drive_pilot.h"

namespace understudy::drive {

RoadView view_road(const DriveTrack& track, const DriveTrack::Place& place, double yaw, int direction) {
  RoadView view;
  view.offset = direction * place.offset;
  const double along = track.heading(place.s) + (direction > 0 ? 0 : std::numbers::pi);
  view.heading_error = wrap_angle(yaw - along);
  for (int i = 0; i < kPreviews; ++i) {
    view.curvatures[i] =
        static_cast<float>(direction * track.curvature(place.s + direction * kPreviewDistances[i]));
  }
  return view;
}

double lane_angle(const float* curvatures, double speed, double offset, double heading_error, double lane) {
  float own[kPreviews];
  for (int i = 0; i < kPreviews; ++i) {
    own[i] = static_cast<float>(double{curvatures[i]} / (1 - double{curvatures[i]} * lane));
  }
  return tracking_angle(own, speed, offset - lane, heading_error);
}

double pedal_for(const CarOptions& car, double acceleration, double speed) {
  const double push = acceleration + car.rolling_deceleration;
  if (push < 0) return std::max(-1.0, push / car.brake_deceleration);
  const double engine = car.engine_acceleration * std::clamp(1 - speed / car.top_speed, 0.05, 1.0);
  return std::min(1.0, push / engine);
}

}  // namespace understudy::drive
