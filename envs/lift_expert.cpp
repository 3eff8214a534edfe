#include <algorithm>
#include <cmath>

#include "envs/lift.h"

namespace understudy {
namespace {

using namespace lift;

// Ours throughout.
constexpr double kGain = 8;          // 1/s: the way to go is covered at this rate
constexpr double kTurnGain = 6;      // 1/s
constexpr double kClearance = 0.07;  // m above the cube until the hand is over it
constexpr double kFunnel = 3;        // m of height per m beside the cube
constexpr double kBeside = 0.006;    // m beside the cube that the hand may come down with
constexpr double kAround = 0.012;    // m from the cube's centre at which the fingers close
constexpr double kGripped = 0.0415;  // m: less than this between the pads means that they press on the cube

double limited(double value) {
  return std::clamp(value, -1.0, 1.0);
}

class LiftExpert final : public Actor {
 public:
  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* o = observations.row(row).data();
      const double x = o[kToCube], y = o[kToCube + 1], z = o[kToCube + 2];
      const double turn = std::atan2(double{o[kCubeTurn]}, double{o[kCubeTurn + 1]}) / 4;
      const double beside = std::hypot(x, y);
      const bool around = beside < kAround && std::abs(z) < kAround;
      const bool gripped = around && o[kOpening] < kGripped;
      const double above = std::clamp(kFunnel * (beside - kBeside) + 0.1 * std::abs(turn), 0.0, kClearance);
      actions(row, 0) = static_cast<float>(limited(kGain * x / 0.5));
      actions(row, 1) = static_cast<float>(limited(kGain * y / 0.5));
      actions(row, 2) = static_cast<float>(gripped ? 0.5 : limited(kGain * (z + above) / 0.5));
      actions(row, 3) = static_cast<float>(gripped ? 0 : limited(kTurnGain * turn / 1.5));
      actions(row, 4) = around ? 1.0F : -1.0F;
    }
  }
};

}  // namespace

std::unique_ptr<Actor> make_lift_expert() {
  return std::make_unique<LiftExpert>();
}

}  // namespace understudy
