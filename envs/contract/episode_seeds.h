#pragma once
/// \file Which episode seeds are used for what, so that a policy is never measured on an episode it has seen.

#include <cstdint>

namespace understudy {

enum class SeedUse : std::uint64_t {
  kDemonstration = 0,  ///< recording
  kSelection = 1,      ///< choosing a checkpoint while training
  kEvaluation = 2,     ///< measuring a finished policy
  kTraining = 3,       ///< trying things out; may run on into other runs' seeds of the same use
};

/// First of the kSelection episodes that only the final evaluation of a run uses.
inline constexpr std::uint64_t kFinalEpisodes = 20'000;
/// First of the kDemonstration episodes that only controls (a random actor in the demonstrator's place) use.
inline constexpr std::uint64_t kControlEpisodes = 90'000;

/// Seed of episode `index` (0, 1, ...) for a run started with `--seed run_seed`. Ranges of different uses
/// never overlap while run_seed < 10,000 and index < 100,000.
constexpr std::uint64_t episode_seed(SeedUse use, std::uint64_t run_seed, std::uint64_t index) {
  return static_cast<std::uint64_t>(use) * 1'000'000'000 + run_seed * 100'000 + index;
}

/// The `index` of such a seed.
constexpr std::uint64_t episode_index(std::uint64_t seed) {
  return seed % 100'000;
}

}  // namespace understudy
