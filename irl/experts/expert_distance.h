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
  /// Keeps nothing of `expert`.
  explicit ExpertDistance(const ExpertTransitions& expert, Eigen::Index most_atoms = 2000);

  /// W1 to pairs of equal mass, `[T, obs_dim]` normalised as the expert's and `[T, act_dim]`. T > 0.
  double operator()(ConstMatrixRef observations, ConstMatrixRef actions) const;

  /// Distance of the two of the expert's transitions that are farthest apart, in the same units.
  double diameter() const;

 private:
  Matrix atoms_;  ///< [atoms, obs_dim + act_dim] standardised
  Normaliser standardiser_;
};

}  // namespace understudy
