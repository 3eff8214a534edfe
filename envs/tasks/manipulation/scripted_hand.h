#pragma once
/// \file Private to envs: what the scripted experts of the arm's tasks have in common.

#include <algorithm>
#include <cmath>

#include "envs/contract/actor.h"

namespace understudy {

/// A deterministic function of one observation at a time.
class ScriptedHand : public Actor {
 public:
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
  static float towards(double way) { return limited(8 * way / 0.5); }
  /// Action that turns by `angle` [rad] at a rate of 6/s.
  static float turned(double angle) { return limited(6 * angle / 1.5); }
  /// Gripper action that brings `opening` to `wanted` [m].
  static float opened(double opening, double wanted) { return limited(50 * (opening - wanted)); }
  /// Height above a goal that keeps a hand `beside` it [m] clear: a funnel that ends `within` [m] of it.
  static double funnel(double beside, double within, double clearance) {
    return std::clamp(10 * (beside - within), 0.0, clearance);
  }
};

}  // namespace understudy
