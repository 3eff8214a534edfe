#include "envs/tasks/manipulation/scripted_hand.h"
#include "envs/tasks/manipulation/swing_peg.h"

namespace understudy {
namespace {

using namespace swing_peg;

// The peg is a pendulum of length l: its acceleration is g / l times how far the hand is ahead of it. Three
// loops, each a few times faster than the one around it, turn the way to go into a velocity of the peg, that
// into the hand's lead, and that into a velocity of the hand. Gains ours.
constexpr double kPendulum = 9.81 / (kRopeLength + kPegLength / 2);  // 1/s²
constexpr double kWayGain = 1.5;                                     // 1/s
constexpr double kVelocityGain = 4;                                  // 1/s
constexpr double kLeadGain = 12;                                     // 1/s
constexpr double kMaxPegSpeed = 0.25;                                // m/s
constexpr double kMaxLead = 0.06;                                    // m
constexpr double kPatientWay = 1.8;                                  // 1/s
constexpr double kPatientSpeed = 0.12;                               // m/s
constexpr double kCalming = 2;          // 1/s: velocity of the hand per lean of the peg
constexpr double kPatientCalm = 0.04;   // m/s
constexpr double kPatientStill = 0.02;  // m/s, of the hand
constexpr double kTravel = 0.03;        // m above the hole's mouth that the peg's end is carried at
constexpr double kOver = 0.003;         // m beside the hole that it may go down with
constexpr double kPatientOver = 0.004;  // m
constexpr double kCalm = 0.03;          // m/s that it may swing with then
constexpr double kDownSpeed = 0.3;      // of the greatest

class SwingPegExpert final : public ScriptedHand {
 public:
  using ScriptedHand::ScriptedHand;

 private:
  void decide(const float* o, float* action) const override {
    const double off = std::hypot(o[kTipToHole], o[kTipToHole + 1]), below = o[kTipToHole + 2];
    const double swing = std::hypot(o[kPegVel], o[kPegVel + 1]);
    const bool calm = pace() < 1
                          ? swing < kPatientCalm && std::hypot(o[kEefVel], o[kEefVel + 1]) < kPatientStill
                          : swing < kCalm;
    const bool ready = off < (pace() < 1 ? kPatientOver : kOver) && calm;
    if (pace() < 1) {
      // The loops are too fast for who is slow: the hand goes after the peg, which calms it, and stands still where
      // it may go down.
      const double x = o[kTipToHole] - o[kPegToHand], y = o[kTipToHole + 1] - o[kPegToHand + 1];
      const double slow = std::min(kPatientWay, kPatientSpeed / std::max(std::hypot(x, y), 1e-6));
      const Eigen::Vector2d way = bow(x, y);
      for (int i = 0; i < 2; ++i) {
        const double hand = slow * way[i] - kCalming * o[kPegToHand + i];
        action[i] = ready ? 0 : limited(hand / 0.5);
      }
    } else {
      chase(o, off, action);
    }
    const bool inside = off < kHoleHalf && below > 0;
    // The hole is no wider for who is slow.
    const double above = funnel(off + 0.05 * swing, kOver * std::sqrt(pace()), height(kTravel)) + 0.004;
    action[2] =
        inside || ready ? static_cast<float>(-std::min(kDownSpeed, careful())) : towards(below + above);
  }

  void chase(const float* o, double off, float* action) const {
    const double fast = std::min(1.0, kMaxPegSpeed / std::max(kWayGain * off, 1e-6));
    const Eigen::Vector2d way = bow(o[kTipToHole], o[kTipToHole + 1]);
    for (int i = 0; i < 2; ++i) {
      const double velocity = o[kPegVel + i];
      const double wanted = fast * kWayGain * way[i];
      const double lead = std::clamp(kVelocityGain * (wanted - velocity) / kPendulum, -kMaxLead, kMaxLead);
      const double hand = velocity + kLeadGain * (lead - o[kPegToHand + i]);
      action[i] = limited(hand / 0.5);
    }
  }
};

}  // namespace

std::unique_ptr<Actor> make_swing_peg_expert(const ExpertStyle& style) {
  return std::make_unique<SwingPegExpert>(style);
}

}  // namespace understudy
