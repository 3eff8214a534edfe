#pragma once
/// \file What makes a hand worse than a controller: it sees late, trembles and hesitates. And what practice makes of
/// it: it holds the finer control where little is asked of it, and works switches one decision at a time.
///
/// Reaction: people who steer something act on what they saw 0.1 to 0.25 s before (the effective delay in
/// McRuer & Jex 1967, "A review of quasi-linear pilot models"). They make up for part of it by extrapolating
/// what they see (Nijhawan 1994), and so does this operator: it reads the delayed observation, continues it
/// along its recent slope, and only then decides. Tremor is an Ornstein-Uhlenbeck process (Uhlenbeck &
/// Ornstein 1930) on every deflection, but not on a stick that is let go of; hesitation freezes the hand for a moment
/// at Poisson times. A gripper is switched once that has been wanted for a while, and then left alone until the
/// outcome can be seen, the hand at rest: the move-and-wait of people who see late (Ferrell 1965, "Remote
/// manipulation with transmission delay"). Some also rest now and then in the middle of a movement, and look again.

#include <cstdint>
#include <deque>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "datasets/types/space.h"
#include "envs/contract/actor.h"

namespace understudy {

struct HumanFaultsConfig {
  double delay_min = 0.15;       ///< s; each episode draws its reaction delay from [delay_min, delay_max]
  double delay_max = 0.20;       ///< s
  double anticipation = 0.5;     ///< share of the delay that extrapolation makes up for [-], in [0, 1]
  double slope_time = 0.1;       ///< s of the past from which slopes are seen
  double noise = 0.08;           ///< standard deviation of the tremor on each action entry [-]
  double noise_time = 0.3;       ///< s, correlation time of the tremor
  double hesitation_rate = 0.1;  ///< 1/s, how often the hand freezes
  double hesitation_min = 0.15;  ///< s, shortest freeze
  double hesitation_max = 0.35;  ///< s, longest freeze
  double look_rate = 0;   ///< 1/s, how often the hand lets go to take a second look, and then aims again
  double look_min = 0.3;  ///< s, shortest look
  double look_max = 0.6;  ///< s, longest look
  double precision = 1;   ///< share of every deflection that the finer control leaves; 1: there is none
  double precision_time =
      0.15;  ///< s that no more than this is wanted before it is held, or more before it is not
  double switch_time = 0.1;  ///< s that a switch is wanted the other way before it is worked
  double switch_wait = 0.5;  ///< s that the hand then rests
};

/// Throws UsageError for numbers out of range.
void validate(const HumanFaultsConfig& config);

/// A perfect expert seen through human faults, one episode at a time. Same seed and observations: same bits.
class HumanFaults {
 public:
  /// `period`: s between observations. `switches`: action entries that are worked one way or the other, such as a
  /// gripper's. `expert` must outlive this object.
  HumanFaults(HumanFaultsConfig config, Actor& expert, Space observation, int act_dim, double period,
              std::vector<int> switches = {});

  /// A new episode that looks like `observation` until told otherwise, as it did while waiting for the start.
  void reset(std::uint64_t seed, ConstVectorRef observation);

  /// The action `[act_dim]` of a hand that is shown `observation` now.
  const Vector& act(ConstVectorRef observation);

  double delay() const { return delay_; }  ///< s, this episode's
  bool hesitating() const { return frozen_steps_ > 0; }
  bool precise() const { return precise_; }  ///< holds the finer control: the action is within its share

 private:
  /// A switch: the way it is worked, and for how long.
  struct Switch {
    int entry = 0;
    float way = 0;        ///< -1, 0 or 1
    int other_steps = 0;  ///< that another way has been wanted
  };
  Vector seen_at(double age) const;
  void practise(Vector& wanted);

  HumanFaultsConfig config_;
  Actor* expert_;
  Space observation_;
  double period_;
  Rng rng_{0};
  double delay_ = 0;
  std::deque<Vector> past_;  ///< newest first
  Vector tremor_;
  Vector action_;
  Matrix expert_action_;
  std::vector<Switch> switches_;
  int resting_steps_ = 0;  ///< left, after a switch was worked
  bool precise_ = false;
  int other_steps_ = 0;  ///< that the other kind of control has been wanted
  int frozen_steps_ = 0;
};

}  // namespace understudy
