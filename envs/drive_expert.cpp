#include <algorithm>
#include <cmath>

#include "envs/drive.h"

namespace understudy {
namespace {

using namespace drive;

// Gains (ours): in the linear model offset' = v heading, heading' = v curvature they give a natural frequency
// of 1.2 rad/s at 7 m/s with damping 0.9, slow enough to survive a driver's reaction time of 0.2 s.
constexpr double kOffsetGain = 0.03;   // 1/m²
constexpr double kHeadingGain = 0.32;  // 1/m
constexpr double kPreviewTime = 0.2;   // s: the steering's lag and half a control step, with some to spare
constexpr double kCornering = 4.5;     // m/s² that bends are taken at
constexpr double kBraking = 2.5;       // m/s² that bends are approached with
constexpr double kCruise = 9.0;        // m/s
constexpr double kSpeedGain = 0.5;     // throttle per m/s
constexpr double kHold = 0.1;          // throttle that makes up for rolling resistance

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

class DriveExpert final : public Actor {
 public:
  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* o = observations.row(row).data();
      const double speed = std::max(0.0F, o[kSpeed]);
      const double wanted_curvature = curvature_ahead(o + kCurvature, kPreviewTime * speed) -
                                      kOffsetGain * o[kLateralOffset] -
                                      kHeadingGain * std::sin(double{o[kHeadingError]});
      const double angle = std::atan(kWheelbase * wanted_curvature);
      double wanted_speed = kCruise;
      for (int i = 0; i < kPreviews; ++i) {
        const double bend = std::max(std::abs(double{o[kCurvature + i]}), 1e-3);
        wanted_speed =
            std::min(wanted_speed, std::sqrt(kCornering / bend + 2 * kBraking * kPreviewDistances[i]));
      }
      const double throttle = kHold + kSpeedGain * (wanted_speed - speed);
      actions(row, 0) = static_cast<float>(std::clamp(-angle / max_steer_angle(speed), -1.0, 1.0));
      actions(row, 1) = static_cast<float>(std::clamp(throttle, -1.0, 1.0));
    }
  }
};

}  // namespace

std::unique_ptr<Actor> make_drive_expert() {
  return std::make_unique<DriveExpert>();
}

}  // namespace understudy
