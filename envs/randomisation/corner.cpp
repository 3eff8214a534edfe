#include "envs/randomisation/corner.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace understudy {
namespace {

double normal_end(double mean, double deviation, double low, double high, Corner corner) {
  return corner == Corner::kLow ? std::max(mean - 2 * deviation, low) : std::min(mean + 2 * deviation, high);
}

double end_of(const Distribution& distribution, Corner corner) {
  const auto& values = distribution.values;
  if (distribution.kind == Distribution::Kind::kNormal) {
    constexpr double kEndless = std::numeric_limits<double>::infinity();
    return normal_end(values[0], values[1], distribution.low.value_or(-kEndless),
                      distribution.high.value_or(kEndless), corner);
  }
  if (distribution.kind == Distribution::Kind::kAdaptive)
    return corner == Corner::kLow ? *distribution.low : *distribution.high;
  return corner == Corner::kLow ? *std::min_element(values.begin(), values.end())
                                : *std::max_element(values.begin(), values.end());
}

}  // namespace

Randomisation corner_of(const Randomisation& randomisation, Corner corner) {
  Randomisation fixed;
  for (const auto& [key, distribution] : randomisation.distributions())
    fixed.set(key, {.values = {end_of(distribution, corner)}});
  if (const auto& joint = randomisation.joint()) {
    for (std::size_t i = 0; i < joint->size(); ++i) {
      const double end =
          normal_end(joint->mean[i], joint->deviation(i), joint->low[i], joint->high[i], corner);
      fixed.set(joint->keys[i], {.values = {find_quantity(joint->keys[i]).whole ? std::round(end) : end}});
    }
  }
  return fixed;
}

}  // namespace understudy
