#pragma once
/// \file Small policies that plan or remember, of random numbers.

#include <memory>
#include <string>

#include "bc/policies/sequence_policy.h"
#include "datasets/types/rng.h"
#include "tests/support/design_network.h"

namespace understudy::tests {

inline constexpr int kObs = 3, kAct = 2;

inline Policy random_sequence_policy(const std::string& kind, const DesignConfig& config,
                                     std::uint64_t seed = 1) {
  DesignNetwork numbers(make_design(kind, config, kObs, kAct), kObs, kAct, seed);
  Policy policy;
  policy.environment_id = "Made";
  policy.observation = Space({{"seen", kObs, "-", -10, 10, ""}});
  policy.action = Space({{"done", kAct, "-", -1, 1, ""}});
  policy.normaliser = {Vector::Constant(kObs, 0.1F), Vector::Constant(kObs, 1.5F)};
  policy.observation_history = numbers.design.history;
  policy.planned_actions = numbers.design.planned;
  policy.network = std::make_shared<const SequencePolicy>(kind, config, kObs, kAct, numbers.parameters);
  policy.learner = "test";
  policy.program_version = "0.1.0";
  return policy;
}

inline DesignConfig small(const std::string& kind) {
  DesignConfig config = default_design(kind);
  for (int& width : config.widths) width = 16;
  config.width = 16;
  config.feedforward = 32;
  config.head.name = "deterministic";
  return config;
}

inline Matrix random_rows(int rows, Rng& rng) {
  Matrix values(rows, kObs);
  for (float& value : values.reshaped()) value = static_cast<float>(rng.normal());
  return values;
}

}  // namespace understudy::tests
