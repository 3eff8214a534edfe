#include <algorithm>
#include <cmath>

#include "envs/tasks/driving/drive.h"
#include "envs/tasks/driving/drive_lane.h"
#include "envs/tasks/driving/drive_pilot.h"

namespace understudy {
namespace {

using namespace drive;

// Ours.
constexpr double kCruise = 9.0;     // m/s
constexpr double kFaster = 0.12;    // share of that, by boldness
constexpr double kBeside = 0.8;     // m beside the centreline, by side
constexpr double kSpeedGain = 0.5;  // throttle per m/s
constexpr double kHold = 0.1;       // throttle that makes up for rolling resistance

class DriveExpert final : public Actor {
 public:
  explicit DriveExpert(const ExpertStyle& style)
      : line_(kBeside * style.side), cruise_(kCruise * (1 + kFaster * style.boldness)) {}

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* o = observations.row(row).data();
      const double speed = std::max(0.0F, o[kSpeed]);
      const double angle = lane_angle(o + kCurvature, speed, o[kLateralOffset], o[kHeadingError], line_);
      const double wanted_speed = bend_speed(o + kCurvature, cruise_);
      const double throttle = kHold + kSpeedGain * (wanted_speed - speed);
      actions(row, 0) = static_cast<float>(std::clamp(-angle / max_steer_angle(speed), -1.0, 1.0));
      actions(row, 1) = static_cast<float>(std::clamp(throttle, -1.0, 1.0));
    }
  }

 private:
  double line_;    // m, left of the centreline
  double cruise_;  // m/s
};

}  // namespace

std::unique_ptr<Actor> make_drive_expert(const ExpertStyle& style) {
  return std::make_unique<DriveExpert>(style);
}

}  // namespace understudy
