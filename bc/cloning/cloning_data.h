#pragma once
/// \file Demonstrations as training and validation pairs.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/cloning/cloning.h"
#include "datasets/format/demonstration_choice.h"
#include "envs/contract/environment.h"

namespace understudy {

struct CloningData {
  std::string sha256;  ///< of the file; of several, with + between
  CloningPairs training;
  CloningPairs validation;             ///< no rows when nothing is held out
  std::vector<SightCamera> cameras{};  ///< whose pictures the pairs have
  int training_episodes = 0;
  int validation_episodes = 0;
  int left_out_episodes = 0;   ///< failed ones
  double training_return = 0;  ///< mean over the training episodes, as recorded
};

/// Which of the chosen episodes are held out.
struct ValidationChoice {
  /// Share of the episodes held out, in [0, 1), when the file has no `train` and `valid` masks. At least one
  /// episode is held out if the share is positive and there are two; every one if not trains.
  double share = 0.1;
  std::uint64_t seed = 1;  ///< of the run; chooses the held-out episodes and the first steps of all
  std::string mask{};      ///< the episodes to hold out, by name of their list in the file; empty: see share
};

/// How much steps count that are not like others.
struct StepWeights {
  double correction = 1;  ///< where a person took over from a policy
  double policy = 0;  ///< where a policy drove in an episode with corrections: its own deeds teach it nothing
  double idle =
      1;  ///< where nothing in the observation moves: less than kIdle of its deviation, since the step before
};
inline constexpr double kIdle = 0.01;

/// Reads the demonstrations of the task, and those of `more` files by the same choice. The masks `train` and `valid` of
/// a file decide what is held out; without them, or when only some of the episodes are chosen, whole episodes
/// chosen by the seed. Throws Error when a file cannot be read, is of another task, has no (successful) episode, too
/// few of them or of their transitions, a value that is not finite, or a mask that is not there, empty or overlaps its
/// counterpart.
CloningData load_cloning_data(const DemonstrationChoice& choice, const ValidationChoice& validation,
                              const EnvironmentSpec& spec, const std::vector<std::string>& more = {},
                              const StepWeights& weights = {});

}  // namespace understudy
