#pragma once
/// \file Observations to zero mean and unit variance, with the statistics of the training data.

#include "datasets/types/matrix.h"

namespace understudy {

/// x -> (x - mean) * scale, entry by entry. Saved inside every policy.
struct Normaliser {
  Vector mean;   ///< [obs_dim]
  Vector scale;  ///< [obs_dim], 1 / standard deviation; 0 for an entry that never changed

  int size() const { return static_cast<int>(mean.size()); }
  /// In place on observations `[batch, obs_dim]`.
  void apply(MatrixRef observations) const;
};

/// Mean and scale of the rows of `observations` `[N, obs_dim]`, N >= 1. A standard deviation below 1e-2
/// counts as 1e-2, so that noise in an almost constant entry is not blown up (the floor of ACT, Zhao et al.
/// 2023). An entry whose deviation is under 1e-6 of its magnitude (or of 1, if larger) carries no
/// information: its scale is 0, and whatever value it takes later changes nothing.
Normaliser fit_normaliser(ConstMatrixRef observations);

/// Leaves observations as they are.
Normaliser identity_normaliser(int obs_dim);

}  // namespace understudy
