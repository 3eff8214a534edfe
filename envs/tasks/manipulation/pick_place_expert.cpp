#include "envs/tasks/manipulation/pick_place.h"
#include "envs/tasks/manipulation/scripted_hand.h"

namespace understudy {
namespace {

using namespace pick_place;

// Ours throughout.
constexpr double kClearance = 0.10;    // m above the can until the hand is over it
constexpr double kBeside = 0.006;      // m beside the can that the hand may come down with
constexpr double kNear = 0.04;         // m beside the can from where on the hand goes carefully
constexpr double kAround = 0.015;      // m from the can's centre at which the fingers close
constexpr double kGripped = 0.0612;    // m: less than this between the pads means that they press on the can
constexpr double kTravel = 0.17;       // m above the bin's floor that the can is carried at
constexpr double kCarryBolder = 0.12;  // share of that, by boldness
constexpr double kLow = 0.03;          // m below that: the can does not move sideways yet
constexpr double kOver = 0.03;         // m from the bin's centre: the can goes down
constexpr double kDrop = 0.075;        // m above the bin's floor: the fingers open
constexpr double kFree = 0.068;        // m between the pads: the hand may rise

class PickPlaceExpert final : public ScriptedHand {
 public:
  using ScriptedHand::ScriptedHand;

 private:
  void decide(const float* o, float* action) const override {
    const double level = -o[kCanToBin + 2], travel = kTravel * (1 - kCarryBolder * boldness());
    const double off = std::hypot(o[kCanToBin], o[kCanToBin + 1]);
    const double beside = std::hypot(o[kToCan], o[kToCan + 1]);
    const bool around = beside < kAround && std::abs(o[kToCan + 2]) < kAround;
    const bool in_bin =
        std::abs(o[kCanToBin]) < kBinHalf && std::abs(o[kCanToBin + 1]) < kBinHalf && level < kDrop;
    if (in_bin) {
      action[0] = action[1] = 0;
      action[2] = o[kOpening] > kFree ? 1.0F : 0.0F;
      action[3] = -1;
    } else if (around && o[kOpening] < kGripped) {
      const double share = std::clamp((level - (travel - kLow)) / kLow, 0.0, 1.0);
      const double free = off < kOver ? 1 : share;
      const Eigen::Vector2d way = bow(o[kCanToBin], o[kCanToBin + 1]);
      action[0] = static_cast<float>(free) * towards(way.x());
      action[1] = static_cast<float>(free) * towards(way.y());
      action[2] = towards(off < kOver ? -0.05 : travel - level + 0.02);
      action[3] = 1;
    } else {
      const Eigen::Vector2d way = bow(o[kToCan], o[kToCan + 1]);
      action[0] = towards(way.x());
      action[1] = towards(way.y());
      // The fingers pass the can within millimetres.
      const double down = o[kToCan + 2] + funnel(beside, kBeside * std::sqrt(pace()), height(kClearance));
      action[2] = beside < kNear ? carefully(down) : towards(down);
      action[3] = around ? 1.0F : -1.0F;
    }
  }
};

}  // namespace

std::unique_ptr<Actor> make_pick_place_expert(const ExpertStyle& style) {
  return std::make_unique<PickPlaceExpert>(style);
}

}  // namespace understudy
