#pragma once
/// \file What a training run came to.

#include <filesystem>
#include <optional>
#include <string>

#include "datasets/storage/archive.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

struct RunResult {
  std::filesystem::path policy;
  std::string environment;    ///< task id
  std::string unit;           ///< "epoch" or "step"
  int count = 0;              ///< units after which the policy was taken
  EvaluationSummary summary;  ///< on the final episodes
  InterquartileMean middle;   ///< of their returns
  /// Exact W1 between an episode's (o, a) and the demonstrations', entries in units of the latter's std, mean
  /// over the first few final episodes; only when something was imitated.
  std::optional<double> distance;
  double seconds = 0;    ///< of training and evaluation, over all resumptions
  std::string material;  ///< what it was learnt from, one line for people; may be empty
};

/// All that is not known before the training ends.
void serialise_result(Archive& archive, RunResult& result);

}  // namespace understudy
