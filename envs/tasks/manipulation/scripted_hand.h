#pragma once
/// \file Private to envs: what the scripted experts of the arm's tasks have in common.

#include <algorithm>
#include <cmath>

#include "envs/contract/actor.h"
#include "envs/contract/expert_style.h"

namespace understudy {

/// A deterministic function of one observation at a time.
class ScriptedHand : public Actor {
 public:
  explicit ScriptedHand(const ExpertStyle& style) : pace_(style.pace) {}

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
  float towards(double way) const { return limited(pace_ * 8 * way / 0.5); }
  /// Action that turns by `angle` [rad] at a rate of 6/s.
  float turned(double angle) const { return limited(pace_ * 6 * angle / 1.5); }
  /// Gripper action that brings `opening` to `wanted` [m].
  static float opened(double opening, double wanted) { return limited(50 * (opening - wanted)); }
  /// The greatest action of a hand that holds something: who is slow is slower then.
  double careful() const { return std::pow(pace_, 1.6); }
  float carefully(double way) const {
    return static_cast<float>(std::clamp(double{towards(way)}, -careful(), careful()));
  }
  /// Height above a goal that keeps a hand `beside` it [m] clear: a funnel that ends `within` [m] of it. Who is slow
  /// does not start at every tremor: it is flatter then, and ends wider.
  double funnel(double beside, double within, double clearance) const {
    return std::clamp(10 * pace_ * (beside - within / std::sqrt(pace_)), 0.0, clearance);
  }

  double pace() const { return pace_; }

 private:
  double pace_;
};

}  // namespace understudy
