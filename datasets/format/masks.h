#pragma once
/// \file Which episodes are trained on and which are held out.

#include <cstdint>
#include <vector>

namespace understudy {

/// Disjoint, each ascending.
struct Masks {
  std::vector<int> train;
  std::vector<int> valid;
};

struct MaskOptions {
  double valid_fraction = 0.1;  ///< in [0, 1)
  std::uint64_t seed = 0;
};

/// Splits `episodes` by a seeded shuffle. With two or more and a positive fraction at least one is held out,
/// and at least one is left to train on. Throws Error when the fraction is out of range.
Masks split_masks(std::vector<int> episodes, const MaskOptions& options = {});

}  // namespace understudy
