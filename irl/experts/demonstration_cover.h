#pragma once
/// \file Where an episode leaves the demonstrations: the first step that is farther from all of them than they are from
/// each other.

#include <optional>
#include <vector>

#include "bc/policies/normaliser.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// The distance of an observation is the Euclidean one to the nearest observation of the demonstrations, every entry in
/// units of its deviation over these. How far they are from each other is the 99 % quantile of the same distance of
/// each of their observations to those of the other demonstrations. Of more than `most` observations every so manyth
/// stands for all, in both.
class DemonstrationCover {
 public:
  /// Steps in a row that an episode has to be outside: one in a hundred of a demonstration's own is.
  static constexpr int kStretch = 10;
  /// As many are enough where the episode ends in them.
  static constexpr int kLastStretch = 3;

  /// `demonstrations`: observations `[T + 1, obs_dim]` of each. Throws Error unless there are two at least.
  explicit DemonstrationCover(const std::vector<Matrix>& demonstrations, Eigen::Index most = 10000);

  /// How far the demonstrations are from each other, in deviations.
  double reach() const { return reach_; }
  /// Of each row of `observations` `[n, obs_dim]`, in deviations.
  Vector distances(ConstMatrixRef observations) const;
  /// The first step of the first such stretch. Nothing for an episode that stays with the demonstrations.
  std::optional<int> left_at(ConstMatrixRef observations) const;

 private:
  Normaliser normaliser_;
  Matrix atoms_;    ///< [atoms, obs_dim] normalised
  Vector squares_;  ///< [atoms] their squared norms
  double reach_ = 0;
};

}  // namespace understudy
