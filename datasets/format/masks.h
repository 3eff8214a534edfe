#pragma once
/// \file Which episodes are trained on and which are held out.

#include <cstdint>
#include <map>
#include <string>
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

/// Name of the list of episodes that everything leaves out, until they go for good (datasets/curation/dataset_edit.h).
inline constexpr const char* kDroppedMask = "dropped";

/// Name of the list of episodes that were simulated again after they were saved and came out the same.
inline constexpr const char* kReplayMask = "replay_ok";

/// Lists of episodes by name, each ascending.
using NamedMasks = std::map<std::string, std::vector<int>>;

/// The masks of a dataset that is to become one of `episodes`, of which the first `kept` are the old one's and keep
/// their places: `old` without what is gone, whatever its names. Where "train" and "valid" are as split_masks made
/// them of `old_usable`, the dataset's own choice, they are made of `usable` anew; where somebody has chosen, the
/// new ones among `usable` are split and added.
NamedMasks continued_masks(const NamedMasks& old, const std::vector<int>& old_usable, int kept,
                           const std::vector<int>& usable);

}  // namespace understudy
