#pragma once
/// \file Demonstrations as training and validation pairs.

#include <cstdint>
#include <string>

#include "bc/cloning/cloning.h"
#include "datasets/format/demonstration_choice.h"
#include "envs/contract/environment.h"

namespace understudy {

struct CloningData {
  std::string sha256;  ///< of the file
  CloningPairs training;
  CloningPairs validation;             ///< no rows when nothing is held out
  std::vector<SightCamera> cameras{};  ///< whose pictures the pairs have
  int training_episodes = 0;
  int validation_episodes = 0;
  int left_out_episodes = 0;  ///< failed ones
};

/// Which of the chosen episodes are held out.
struct ValidationChoice {
  /// Share of the episodes held out, in [0, 1), when the file has no `train` and `valid` masks. At least one
  /// episode is held out if the share is positive and there are two; every one if not trains.
  double share = 0.1;
  std::uint64_t seed = 1;  ///< of the run; chooses the held-out episodes and the first steps of all
};

/// Reads the demonstrations of the task. The masks `train` and `valid` of the file decide what is held out;
/// without them, or when only the first so many episodes are chosen, whole episodes chosen by the seed.
/// Throws Error when the file cannot be read, is of another task, has no (successful) episode, too few of
/// them or of their transitions, or a value that is not finite.
CloningData load_cloning_data(const DemonstrationChoice& choice, const ValidationChoice& validation,
                              const EnvironmentSpec& spec);

}  // namespace understudy
