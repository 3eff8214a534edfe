#pragma once
/// \file Private to envs: what the scripted experts of the arm's tasks have in common.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/contract/actor.h"
#include "envs/contract/expert_style.h"
#include "envs/world/bow.h"

namespace understudy {

/// A deterministic function of one observation at a time.
class ScriptedHand : public Actor {
 public:
  explicit ScriptedHand(const ExpertStyle& style) : style_(style) {}

  void reset(int, std::uint64_t) final {}
  void act(ConstMatrixRef observations, MatrixRef actions) final {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      decide(observations.row(row).data(), actions.row(row).data());
    }
  }

 protected:
  /// Reads `[obs_dim]`, writes `[act_dim]`.
  virtual void decide(const float* observation, float* action) const = 0;

  /// Within [-1, 1].
  static float limited(double value) { return static_cast<float>(std::clamp(value, -1.0, 1.0)); }
  /// Action that covers a way [m] at a rate of 8/s, at most at full speed.
  float towards(double way) const { return limited(pace() * 8 * way / 0.5); }
  /// Action that turns by `angle` [rad] at a rate of 6/s.
  float turned(double angle) const { return limited(pace() * 6 * angle / 1.5); }
  /// Gripper action that brings `opening` to `wanted` [m].
  static float opened(double opening, double wanted) { return limited(50 * (opening - wanted)); }
  /// The greatest action of a hand that holds something: who is slow is slower then.
  double careful() const { return std::pow(pace(), 1.6); }
  float carefully(double way) const {
    return static_cast<float>(std::clamp(double{towards(way)}, -careful(), careful()));
  }
  /// Height above a goal that keeps a hand `beside` it [m] clear: a funnel that ends `within` [m] of it. Who is slow
  /// does not start at every tremor: it is flatter then, and ends wider.
  double funnel(double beside, double within, double clearance) const {
    return std::clamp(10 * pace() * (beside - within / std::sqrt(pace())), 0.0, clearance);
  }

  /// The level way (x, y) [m] to a goal, turned to the style's side the further it is: the hand goes there in a bow.
  Eigen::Vector2d bow(double x, double y) const { return bowed({x, y}, style_.side, kBowNear); }
  /// A height [m] of one's own choice: who is bold goes lower.
  double height(double usual) const { return usual * (1 - kBolder * style_.boldness); }
  /// Least turn [rad] that brings one square thing in line with another, from the sine and cosine of four times it.
  static double quarter_turn(const float* sine_and_cosine) {
    return std::atan2(double{sine_and_cosine[0]}, double{sine_and_cosine[1]}) / 4;
  }
  /// The same for a hand about to grip: of the turns that differ by quarters the one that the style's grip likes best.
  double grip_turn(const float* sine_and_cosine) const {
    const double turn = quarter_turn(sine_and_cosine), from_liked = turn - kLikedTurn * style_.grip;
    if (std::abs(from_liked) <= std::numbers::pi / 4) return turn;
    return turn - std::copysign(std::numbers::pi / 2, from_liked);
  }

  double pace() const { return style_.pace; }
  double boldness() const { return style_.boldness; }

 private:
  static constexpr double kBowNear = 0.08;   // m: at this distance half the bow's turn is left
  static constexpr double kBolder = 0.2;     // share of a height
  static constexpr double kLikedTurn = 0.3;  // rad

  ExpertStyle style_;
};

}  // namespace understudy
