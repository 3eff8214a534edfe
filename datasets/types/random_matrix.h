#pragma once
/// \file Matrices of random numbers.

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// Fills `values` row by row with standard normal numbers (Box-Muller, both numbers of every pair).
void fill_normal(Rng& rng, MatrixRef values);

}  // namespace understudy
