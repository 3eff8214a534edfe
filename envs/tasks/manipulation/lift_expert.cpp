#include "envs/tasks/manipulation/lift.h"
#include "envs/tasks/manipulation/scripted_hand.h"

namespace understudy {
namespace {

using namespace lift;

// Ours throughout.
constexpr double kClearance = 0.07;  // m above the cube until the hand is over it
constexpr double kBeside = 0.006;    // m beside the cube that the hand may come down with
constexpr double kTurnHeight = 0.2;  // m above the cube per rad that the hand is still turned against it
constexpr double kAround = 0.012;    // m from the cube's centre at which the fingers close
constexpr double kGripped = 0.0415;  // m: less than this between the pads means that they press on the cube
constexpr double kLiftSpeed = 0.5;   // of the greatest

class LiftExpert final : public ScriptedHand {
 public:
  using ScriptedHand::ScriptedHand;

 private:
  void decide(const float* o, float* action) const override {
    const double x = o[kToCube], y = o[kToCube + 1], z = o[kToCube + 2];
    const double turn = grip_turn(o + kCubeTurn);
    const double beside = std::hypot(x, y);
    const bool around = beside < kAround && std::abs(z) < kAround;
    const bool gripped = around && o[kOpening] < kGripped;
    const double above = funnel(beside + kTurnHeight / 10 * std::abs(turn), kBeside, height(kClearance));
    const Eigen::Vector2d way = bow(x, y);
    action[0] = towards(way.x());
    action[1] = towards(way.y());
    action[2] = gripped ? static_cast<float>(kLiftSpeed) : towards(z + above);
    action[3] = gripped ? 0 : turned(turn);
    action[4] = around ? 1.0F : -1.0F;
  }
};

}  // namespace

std::unique_ptr<Actor> make_lift_expert(const ExpertStyle& style) {
  return std::make_unique<LiftExpert>(style);
}

}  // namespace understudy
