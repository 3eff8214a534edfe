#pragma once
/// \file What joints and actuators of another world obey: plain functions.

#include <algorithm>
#include <cmath>

namespace understudy {

/// Of a joint's friction: Coulomb, Stribeck and viscous (Armstrong-Hélouvry, Dupont, Canudas de Wit 1994).
struct JointFriction {
  double coulomb = 0;    ///< N·m or N, of a joint that slides
  double breakaway = 1;  ///< ratio of the friction of a joint that rests to that, >= 1
  double speed = 0.05;   ///< rad/s or m/s, Stribeck's: where it has fallen to 1 + (breakaway - 1) / e
  double viscous = 0;    ///< N·m·s/rad or N·s/m

  /// Greatest friction at `velocity`: F_c (1 + (b - 1) exp(-(v / v_s)²)) + c |v|. A joint at rest stays so below it.
  double at(double velocity) const {
    const double slow = velocity / speed;
    return coulomb * (1 + (breakaway - 1) * std::exp(-slow * slow)) + viscous * std::abs(velocity);
  }
};

/// What is left of an error within a play of `width`: 0 while the gear touches neither flank.
inline double beyond_play(double error, double width) {
  return std::copysign(std::max(0.0, std::abs(error) - width / 2), error);
}

/// Slack of a tendon or a gear in front of a motor that gives torques (OpenAI et al., Learning dexterous in-hand
/// manipulation, 2018, C.2): s in [-1, 1] moves with the action and nothing is passed on until it is at its stop.
class Slack {
 public:
  /// `time` [s]: that a full action takes from the middle to a stop; 0: there is no slack.
  explicit Slack(double time = 0) : time_(time) {}
  /// The share of `action` [-1, 1] that arrives after `duration` [s]: |s|^10 where the action presses towards the
  /// stop that s is near, else 0. (The paper's exact factor is not to be had; the power is its.)
  double pass(double action, double duration) {
    if (time_ <= 0) return action;
    position_ = std::clamp(position_ + action * duration / time_, -1.0, 1.0);
    return action * position_ > 0 ? action * std::pow(std::abs(position_), 10) : 0;
  }
  double position() const { return position_; }

 private:
  double time_;
  double position_ = 0;
};

}  // namespace understudy
