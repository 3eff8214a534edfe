#include "envs/tasks/manipulation/drawer.h"
#include "envs/tasks/manipulation/scripted_hand.h"

namespace understudy {
namespace {

using namespace drawer;

// Ours throughout.
constexpr double kClearance = 0.08;  // m above the handle until the hand is over it
constexpr double kBeside = 0.005;    // m beside the handle that the hand may come down with
constexpr double kAround = 0.012;    // m from the handle at which the fingers close
constexpr double kGripped = 0.0140;  // m: less than this between the pads means that they press on the bar

class DrawerExpert final : public ScriptedHand {
 public:
  using ScriptedHand::ScriptedHand;

 private:
  void decide(const float* o, float* action) const override {
    const double x = o[kToHandle], y = o[kToHandle + 1], z = o[kToHandle + 2];
    const double beside = std::hypot(x, y);
    const bool around = beside < kAround && std::abs(z) < kAround;
    const bool gripped = around && o[kOpening] < kGripped;
    const Eigen::Vector2d way = bow(x, y);
    action[0] = gripped ? carefully(-o[kLeft]) : towards(way.x());
    action[1] = towards(gripped ? y : way.y());
    action[2] = towards(z + funnel(beside, kBeside, height(kClearance)));
    action[3] = around ? 1.0F : opened(o[kOpening], kStartOpening);
  }
};

}  // namespace

std::unique_ptr<Actor> make_drawer_expert(const ExpertStyle& style) {
  return std::make_unique<DrawerExpert>(style);
}

}  // namespace understudy
