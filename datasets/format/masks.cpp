#include "datasets/format/masks.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {

Masks split_masks(std::vector<int> episodes, const MaskOptions& options) {
  if (!(options.valid_fraction >= 0 && options.valid_fraction < 1)) {
    throw Error("valid_fraction: want a number in [0, 1), found " + std::to_string(options.valid_fraction));
  }
  Rng rng(options.seed);
  for (std::size_t i = episodes.size(); i > 1; --i) std::swap(episodes[i - 1], episodes[rng.below(i)]);

  const auto count = static_cast<double>(episodes.size());
  auto held_out = static_cast<std::size_t>(std::round(count * options.valid_fraction));
  if (episodes.size() < 2 || options.valid_fraction == 0) {
    held_out = 0;
  } else {
    held_out = std::clamp<std::size_t>(held_out, 1, episodes.size() - 1);
  }
  const auto middle = episodes.begin() + static_cast<std::ptrdiff_t>(held_out);
  Masks masks{.train = {middle, episodes.end()}, .valid = {episodes.begin(), middle}};
  std::sort(masks.train.begin(), masks.train.end());
  std::sort(masks.valid.begin(), masks.valid.end());
  return masks;
}

NamedMasks continued_masks(const NamedMasks& old, const std::vector<int>& old_usable, int kept,
                           const std::vector<int>& usable) {
  const auto named = [](const Masks& masks) {
    NamedMasks both;
    if (!masks.train.empty()) both["train"] = masks.train;
    if (!masks.valid.empty()) both["valid"] = masks.valid;
    return both;
  };
  const auto ours_of = [](const NamedMasks& masks) {
    NamedMasks ours;
    for (const char* name : {"train", "valid"}) {
      if (const auto found = masks.find(name); found != masks.end()) ours.insert(*found);
    }
    return ours;
  };
  NamedMasks result = old;
  for (auto& [name, episodes] : result) std::erase_if(episodes, [&](int episode) { return episode >= kept; });
  if (ours_of(old) == named(split_masks(old_usable))) {
    result.erase("train");
    result.erase("valid");
    result.merge(named(split_masks(usable)));
  } else {
    std::vector<int> fresh;
    std::copy_if(usable.begin(), usable.end(), std::back_inserter(fresh), [&](int i) { return i >= kept; });
    for (const auto& [name, episodes] : named(split_masks(fresh)))
      result[name].insert(result[name].end(), episodes.begin(), episodes.end());
  }
  std::erase_if(result, [](const auto& mask) { return mask.second.empty(); });
  return result;
}

}  // namespace understudy
