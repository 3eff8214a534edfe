#include "envs/tasks/manipulation/peg_insert.h"
#include "envs/tasks/manipulation/scripted_hand.h"

namespace understudy {
namespace {

using namespace peg_insert;

// Ours throughout.
constexpr double kClearance = 0.10;  // m above the peg until the hand is over it
constexpr double kBeside = 0.006;    // m beside the peg that the hand may come down with
constexpr double kTurnHeight = 0.3;  // m above the peg per rad that the hand is still turned against it
constexpr double kAround = 0.012;    // m from the place to grip at which the fingers close
constexpr double kGripped = 0.0213;  // m: less than this between the pads means that they press on the peg
constexpr double kTravel = 0.03;     // m above the hole's mouth that the peg's end is carried at
constexpr double kLow = 0.02;        // m below that: the peg does not move sideways yet
constexpr double kCentred = 0.001;   // m beside the hole that the peg may go in with
constexpr double kTurned = 0.03;     // rad against the hole that the peg may go in with
constexpr double kPushSpeed = 0.2;   // of the greatest

class PegInsertExpert final : public ScriptedHand {
 public:
  using ScriptedHand::ScriptedHand;

 private:
  void decide(const float* o, float* action) const override {
    const double beside = std::hypot(o[kToPeg], o[kToPeg + 1]);
    const bool around = beside < kAround && std::abs(o[kToPeg + 2]) < kAround;
    if (around && o[kOpening] < kGripped) {
      insert(o, action);
      return;
    }
    const double turn = grip_turn(o + kPegTurn);
    const Eigen::Vector2d way = bow(o[kToPeg], o[kToPeg + 1]);
    const double above = funnel(beside + kTurnHeight / 10 * std::abs(turn), kBeside, height(kClearance));
    action[0] = towards(way.x());
    action[1] = towards(way.y());
    action[2] = towards(o[kToPeg + 2] + above);
    action[3] = turned(turn);
    action[4] = around ? 1.0F : -1.0F;
  }

  void insert(const float* o, float* action) const {
    const double off = std::hypot(o[kTipToHole], o[kTipToHole + 1]), below = o[kTipToHole + 2];
    const double turn = quarter_turn(o + kHoleTurn);
    // Sideways only where the peg is clear of the block, or over the hole.
    const double height = -below;
    const double clear = std::clamp((height - (kTravel - kLow)) / kLow, 0.0, 1.0);
    const double sideways = off < kHoleHalf ? 1 : clear;
    const bool inside = off < kHoleHalf / 2 && below > 0.002;
    const bool in_line = inside || (off < kCentred && std::abs(turn) < kTurned);
    const Eigen::Vector2d way = bow(o[kTipToHole], o[kTipToHole + 1]);
    action[0] = static_cast<float>(sideways) * towards(way.x());
    action[1] = static_cast<float>(sideways) * towards(way.y());
    const double above = funnel(off + kTurnHeight / 10 * std::abs(turn), kCentred, kTravel) + 0.003;
    action[2] = in_line ? static_cast<float>(-kPushSpeed) : towards(below + above);
    action[3] = turned(turn);
    action[4] = 1;
  }
};

}  // namespace

std::unique_ptr<Actor> make_peg_insert_expert(const ExpertStyle& style) {
  return std::make_unique<PegInsertExpert>(style);
}

}  // namespace understudy
