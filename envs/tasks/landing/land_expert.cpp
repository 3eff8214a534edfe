#include <algorithm>
#include <cmath>

#include "envs/tasks/landing/land.h"
#include "envs/world/bow.h"

namespace understudy {
namespace {

using namespace land;

// Gains (ours).
constexpr double kApproachGain = 0.9;   // 1/s, level speed per distance
constexpr double kApproachSpeed = 2.2;  // m/s
constexpr double kConeSlope = 0.9;      // height kept per distance beyond the foot of the cone
constexpr double kFlatter = 0.2;        // share of the slope, by boldness
constexpr double kSteeper = 2;          // the same of who is not
constexpr double kAcross = 5;           // m, height at which those fly across
constexpr double kBowNear = 2;          // m from the pad at which half of a bow's turn is left
constexpr double kConeFoot = 0.25;      // m from the centre
constexpr double kConeBelow = 0.5;      // m, how far under the pad the foot of the cone lies
constexpr double kHeightGain = 0.9;     // 1/s
constexpr double kTouchSpeed = 0.3;     // m/s, at the pad
constexpr double kSinkGain = 0.4;       // 1/s, more than that per height above it
constexpr double kMaxSink = 1.3;        // m/s
constexpr double kMaxRise = 1.0;        // m/s
constexpr double kBeside = 0.27;        // m from the centre: too far for a landing that counts
constexpr double kYawGain = 1.2;        // 1/s
constexpr double kYawDistance = 1;      // m: at this distance the nose turns half as eagerly as far away

class LandExpert final : public Actor {
 public:
  /// Who is slow comes down more gently and closer to the middle, and rises again from anywhere else.
  explicit LandExpert(const ExpertStyle& style)
      : pace_(style.pace),
        side_(style.side),
        boldness_(style.boldness),
        foot_(kConeFoot * pace_),
        below_(kConeBelow * pace_ * pace_) {}

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* to_pad = observations.row(row).data() + kToPad;
      const double x = to_pad[0], y = to_pad[1], height = -to_pad[2];
      const double distance = std::hypot(x, y);
      const double gain =
          kApproachGain * std::min(1.0, kApproachSpeed / std::max(kApproachGain * distance, 1e-9));
      // Down as fast as the height allows, but not into the cone.
      const double cone = height_over(std::max(0.0, distance - foot_)) - below_;
      const double touch = std::sqrt(pace_) * kTouchSpeed;
      const double sink = std::clamp(touch + pace_ * kSinkGain * height, touch, kMaxSink);
      const bool beside = pace_ < 1 && observations(row, kTouching) > 0.5F && distance > kBeside;
      const double climb = beside ? kMaxRise : std::clamp(kHeightGain * (cone - height), -sink, kMaxRise);
      const double eager = distance * distance / (distance * distance + kYawDistance * kYawDistance);
      const double turn = kYawGain * eager * std::atan2(y, x);
      const Eigen::Vector2d way = bowed({x, y}, side_, kBowNear);
      actions(row, 0) = static_cast<float>(gain * way.x() / kMaxSpeed);
      actions(row, 1) = static_cast<float>(gain * way.y() / kMaxSpeed);
      actions(row, 2) = static_cast<float>(climb / kMaxClimb);
      actions(row, 3) = static_cast<float>(std::clamp(turn / kMaxYawRate, -1.0, 1.0));
    }
  }

 private:
  /// Height kept `outside` the foot of the cone: who is bold comes down a flatter slope, who is not first flies
  /// across and then down.
  double height_over(double outside) const {
    const double slope = kConeSlope * (1 - kFlatter * std::max(0.0, boldness_)) * outside;
    const double across = std::min(kAcross, (1 - kSteeper * std::min(0.0, boldness_)) * kConeSlope * outside);
    return boldness_ < 0 ? std::max(slope, across) : slope;
  }

  double pace_, side_, boldness_;
  double foot_;
  double below_;
};

}  // namespace

std::unique_ptr<Actor> make_land_expert(const ExpertStyle& style) {
  return std::make_unique<LandExpert>(style);
}

}  // namespace understudy
