#pragma once
/// \file Generalised advantage estimation (Schulman, Moritz et al. 2016).

#include <cstdint>
#include <span>

#include "datasets/types/matrix.h"

namespace understudy {

/// Consecutive steps of one stream, episodes one after another. All `[T]`.
struct ValuedSteps {
  ConstVectorRef rewards;      ///< r_t
  ConstVectorRef values;       ///< V(o_t)
  ConstVectorRef next_values;  ///< V(o_{t+1}), o_{t+1} before any reset; not looked at where terminated
  std::span<const std::uint8_t> terminated;  ///< 1: o_{t+1} is absorbing
  std::span<const std::uint8_t> truncated;   ///< 1: cut from outside
};

struct AdvantageConfig {
  double gamma = 0.99;         ///< discount, in [0, 1)
  double lambda = 0.95;        ///< 0: one-step advantages, 1: whole returns
  double absorbing_value = 0;  ///< value of what follows termination
};

/// delta_t = r_t + gamma V_{t+1} - V_t, A_t = delta_t + gamma lambda A_{t+1}. Termination puts
/// absorbing_value in the place of V_{t+1}; truncation and the end of the steps keep V_{t+1}; all three cut
/// the sum. Returns are A_t + V_t.
void estimate_advantages(const ValuedSteps& steps, const AdvantageConfig& config, VectorRef advantages,
                         VectorRef returns);

/// To mean 0 and standard deviation 1; a single value, or equal ones, to 0.
void standardise(VectorRef values);

}  // namespace understudy
