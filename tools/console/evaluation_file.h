#pragma once
/// \file What earlier evaluations found: the files that `understudy eval --json` and LeRobot's evaluation write.

#include <filesystem>
#include <string>
#include <vector>

#include "envs/rollouts/evaluation.h"

namespace understudy::tools {

/// A policy's episodes.
struct EvaluatedPolicy {
  std::string name;
  std::string environment;  ///< empty: not said
  std::vector<EpisodeOutcome> outcomes;
};

/// The policies of a file of results, in its order. LeRobot's `eval_info.json`, of one task or several, is one policy a
/// task; episodes without a seed are given their number, so that two such files are compared episode by episode.
/// Throws Error for what is neither, and for values of another kind than they should be.
std::vector<EvaluatedPolicy> read_evaluation(const std::filesystem::path& file);

}  // namespace understudy::tools
