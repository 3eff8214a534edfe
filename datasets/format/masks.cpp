#include "datasets/format/masks.h"

#include <algorithm>
#include <cmath>
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

}  // namespace understudy
