#pragma once
/// \file What it costs to move mass between two atoms, and the scale of the atoms' entries.

#include "bc/policies/normaliser.h"
#include "datasets/types/matrix.h"
#include "irl/couplings/coupling.h"

namespace understudy {

enum class GroundCost {
  kEuclidean,         ///< |x - y|, of W1 (PWIL: Dadashi et al. 2021)
  kSquaredEuclidean,  ///< |x - y|^2, of W2
  kCosine,  ///< 1 - cos(x, y) in [0, 2]; 1 where x or y is 0 (SIL, OTR: Papagiannis, Li 2020; Luo et al. 2023)
};

/// Brings every entry of `atoms` `[atoms, dim]` to unit standard deviation (the population's), as PWIL
/// does with the subsampled expert atoms. An entry whose deviation is under 1e-6 of its magnitude (or of
/// 1, if larger) keeps its own unit: scale 1. The mean is subtracted too; it cancels in distances, and
/// without it large offsets would cost single precision its digits. Throws Error when there is no atom
/// or a value is not finite.
Normaliser atom_standardiser(ConstMatrixRef atoms);

/// Costs of all pairs, `x` `[rows, dim]` and `y` `[columns, dim]`: `[rows, columns]` in double
/// precision, to a relative error of 1e-9, exactly 0 for the distance of equal atoms. Throws Error
/// when the dimensions differ.
CostMatrix ground_cost(GroundCost kind, ConstMatrixRef x, ConstMatrixRef y);

}  // namespace understudy
