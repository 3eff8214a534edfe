#pragma once
/// \file How far a policy is from the demonstrations, by the episodes that it plays.

#include <cstdint>
#include <functional>
#include <vector>

#include "bc/policies/normaliser.h"
#include "bc/runs/candidates.h"
#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "irl/experts/expert_distance.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// Episodes that a result's distance is the mean of: each takes a while.
inline constexpr int kDistanceEpisodes = 5;
/// Transitions of the demonstrations that count then, and on the way, when it must be quick.
inline constexpr Eigen::Index kDistanceAtoms = 2000;
inline constexpr Eigen::Index kTrackedAtoms = 300;

class PolicyDistance {
 public:
  /// The observations of `expert` have gone through `normaliser`. Keeps nothing of `expert`.
  PolicyDistance(const ExpertData& expert, Normaliser normaliser, Eigen::Index most_atoms);

  /// Plays the episode of `seed`: exact W1 between its (o, a) and the demonstrations', entries in units of
  /// the latter's std. In `gap` the steps which it lacks of demonstrations that never terminate count as far
  /// away as any two of the demonstrations' are from each other, and as those that there are if these are farther: a
  /// short episode may be like the beginning of a long one, and what ends at once is never closer than what goes on.
  Closeness operator()(Environment& environment, Actor& actor, std::uint64_t seed) const;
  /// Over several episodes, one for each seed, with the standard error of the gap. `between` is called before each
  /// and may throw.
  Closeness operator()(Environment& environment, Actor& actor, const std::vector<std::uint64_t>& seeds,
                       const std::function<void()>& between) const;
  /// ExpertDistance::reach.
  double reach() const { return distance_.reach(); }

 private:
  ExpertDistance distance_;
  Normaliser normaliser_;
  bool goes_on_;        ///< no demonstration terminates
  double mean_length_;  ///< of the demonstrations, steps
};

}  // namespace understudy
