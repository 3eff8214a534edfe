#include <algorithm>
#include <cmath>

#include "envs/tasks/driving/car_following.h"
#include "envs/tasks/driving/drive_lane.h"
#include "envs/tasks/driving/drive_pilot.h"
#include "envs/tasks/driving/drive_traffic.h"

namespace understudy {
namespace {

using namespace drive;

// Ours.
constexpr double kCruise = 8.0;     // m/s
constexpr double kFaster = 0.1;     // share of that, by boldness
constexpr double kNearer = 0.4;     // share of the gaps to the car ahead, by boldness
constexpr double kBeside = 0.7;     // m beside the lane's middle, by side
constexpr double kSpeedGain = 1.5;  // 1/s

class DriveTrafficExpert final : public Actor {
 public:
  explicit DriveTrafficExpert(const ExpertStyle& style)
      : lane_(kLane + kBeside * style.side), cruise_(kCruise * (1 + kFaster * style.boldness)) {
    following_.time_gap *= 1 - kNearer * style.boldness;
    following_.standing_gap *= 1 - kNearer * style.boldness;
  }

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const CarOptions car;
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* o = observations.row(row).data();
      const double speed = std::max(0.0F, o[kSpeed]);
      const double angle = lane_angle(o + kCurvature, speed, o[kLateralOffset], o[kHeadingError], lane_);
      const double for_bends = kSpeedGain * (bend_speed(o + kCurvature, cruise_) - speed);
      // Nobody in sight reads as a car of the same speed where sight ends, which hardly slows one down.
      const double for_cars =
          following_acceleration(following_, speed, cruise_, o[kLeadGap], o[kLeadClosing]);
      const double pedal = pedal_for(car, std::min(for_bends, for_cars), speed);
      actions(row, 0) = static_cast<float>(std::clamp(-angle / max_steer_angle(speed), -1.0, 1.0));
      actions(row, 1) = static_cast<float>(pedal);
    }
  }

 private:
  double lane_;    // m, left of the centreline
  double cruise_;  // m/s
  CarFollowingOptions following_;
};

}  // namespace

std::unique_ptr<Actor> make_drive_traffic_expert(const ExpertStyle& style) {
  return std::make_unique<DriveTrafficExpert>(style);
}

}  // namespace understudy
