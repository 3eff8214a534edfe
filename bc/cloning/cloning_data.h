#pragma once
/// \file Demonstrations as training and validation pairs.

#include <cstdint>
#include <filesystem>
#include <string>

#include "bc/cloning/cloning.h"
#include "datasets/types/space.h"

namespace understudy {

/// Which episodes of a file to learn from.
struct DemonstrationChoice {
  bool successful_only = true;  ///< leave failed episodes out
  int episodes = 0;             ///< use only the first so many of those that qualify; 0: all
  int subsample = 1;  ///< keep every so manyth step of each, from a random one of the first so many on; >= 1
  /// Share of the episodes held out, in [0, 1), when the file has no `train` and `valid` masks. At least one
  /// episode is held out if the share is positive and there are two; every one if not trains.
  double validation_share = 0.1;
  std::uint64_t seed = 1;  ///< chooses the held-out episodes and the first steps
};

/// Throws UsageError naming the field.
void validate(const DemonstrationChoice& choice);

struct CloningData {
  std::string environment_id;
  Space observation;
  Space action;
  std::string sha256;  ///< of the file
  CloningPairs training;
  CloningPairs validation;  ///< no rows when nothing is held out
  int training_episodes = 0;
  int validation_episodes = 0;
  int left_out_episodes = 0;  ///< failed ones, when successful_only
};

/// Reads the demonstrations of task `environment_id` from `path`. The masks `train` and `valid` of the file
/// decide what is held out; without them, whole episodes chosen by `choice.seed`. Throws Error when the file
/// cannot be read, is of another task, has no (successful) episode, or a value that is not finite.
CloningData load_cloning_data(const std::filesystem::path& path, const std::string& environment_id,
                              const DemonstrationChoice& choice);

}  // namespace understudy
