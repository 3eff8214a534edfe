#pragma once
/// \file How far an episode is from the demonstrations: exact W1 between their (o, a).

#include "bc/policies/normaliser.h"
#include "datasets/types/matrix.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// Entries are in units of the deviations of the demonstrations, whose (o, a) have equal mass. Of
/// more than `most_atoms` transitions every so manyth stands for all, as time grows with more than
/// the square of their number.
class ExpertDistance {
 public:
  /// Keeps nothing of `expert`. Where its actions are not known nobody's count.
  explicit ExpertDistance(const ExpertTransitions& expert, Eigen::Index most_atoms = 2000);

  struct Result {
    double distance = 0;  ///< W1
    /// Mean over the pairs of e^(-kSteepness c / sqrt(dim)), c being how far one is moved on average: PWIL's reward in
    /// place of its cost. What is far away counts as nothing, however far.
    double likeness = 0;
  };
  static constexpr double kSteepness = 5;  ///< (PWIL)
  /// To pairs of equal mass, `[T, obs_dim]` normalised as the expert's and `[T, act_dim]`. T > 0.
  Result operator()(ConstMatrixRef observations, ConstMatrixRef actions) const;

  /// Distance of the two of the expert's transitions that are farthest apart, in the same units.
  double diameter() const;
  /// W1 between every other atom and the rest, which are of the same behaviour: what is no farther than this from
  /// the demonstrations cannot be told from them. 0 of fewer than four.
  double reach() const;

 private:
  bool states_only_;
  Matrix atoms_;  ///< [atoms, obs_dim + act_dim, or obs_dim] standardised
  Normaliser standardiser_;
};

}  // namespace understudy
