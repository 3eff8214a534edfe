#include "envs/tasks/driving/drive_pilot.h"

#include <algorithm>
#include <cmath>

#include "envs/tasks/driving/drive.h"

namespace understudy::drive {
namespace {

// Gains (ours): in the linear model offset' = v heading, heading' = v curvature they give a natural frequency
// of 1.2 rad/s at 7 m/s with damping 0.9, slow enough to survive a driver's reaction time of 0.2 s.
constexpr double kOffsetGain = 0.03;   // 1/m²
constexpr double kHeadingGain = 0.32;  // 1/m
constexpr double kPreviewTime = 0.2;   // s: the steering's lag and half a control step, with some to spare
constexpr double kCornering = 4.5;     // m/s² that bends are taken at
constexpr double kBraking = 2.5;       // m/s² that bends are approached with

double curvature_ahead(const float* curvature, double distance) {
  for (int i = 1; i < kPreviews; ++i) {
    if (distance < kPreviewDistances[i]) {
      const double part =
          (distance - kPreviewDistances[i - 1]) / (kPreviewDistances[i] - kPreviewDistances[i - 1]);
      return curvature[i - 1] + part * (curvature[i] - curvature[i - 1]);
    }
  }
  return curvature[kPreviews - 1];
}

}  // namespace

double tracking_angle(const float* curvatures, double speed, double offset, double heading_error) {
  const double wanted_curvature = curvature_ahead(curvatures, kPreviewTime * speed) - kOffsetGain * offset -
                                  kHeadingGain * std::sin(heading_error);
  return std::atan(kWheelbase * wanted_curvature);
}

double bend_speed(const float* curvatures, double cruise) {
  double speed = cruise;
  for (int i = 0; i < kPreviews; ++i) {
    const double bend = std::max(std::abs(double{curvatures[i]}), 1e-3);
    speed = std::min(speed, std::sqrt(kCornering / bend + 2 * kBraking * kPreviewDistances[i]));
  }
  return speed;
}

}  // namespace understudy::drive
