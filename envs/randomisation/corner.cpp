#include "envs/randomisation/corner.h"

#include <algorithm>

namespace understudy {
namespace {

double end_of(const Distribution& distribution, Corner corner) {
  const auto& values = distribution.values;
  if (distribution.kind == Distribution::Kind::kNormal) {
    const double away = 2 * values[1];
    return corner == Corner::kLow ? std::max(values[0] - away, distribution.low.value_or(values[0] - away))
                                  : std::min(values[0] + away, distribution.high.value_or(values[0] + away));
  }
  return corner == Corner::kLow ? *std::min_element(values.begin(), values.end())
                                : *std::max_element(values.begin(), values.end());
}

}  // namespace

Randomisation corner_of(const Randomisation& randomisation, Corner corner) {
  Randomisation fixed;
  for (const auto& [key, distribution] : randomisation.distributions())
    fixed.set(key, {.values = {end_of(distribution, corner)}});
  return fixed;
}

}  // namespace understudy
