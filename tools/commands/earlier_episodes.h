#pragma once
/// \file What a dataset already holds, shown to who adds to it.

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "capture/recording/recorder.h"
#include "capture/recording/start_coverage.h"
#include "datasets/types/episode.h"
#include "envs/contract/environment.h"

namespace understudy::tools {

/// How well the starts of a file and of this session cover those that the task draws, and the path of the file's last
/// demonstration. Both are bounded: a large file's latest episodes speak for all.
class EarlierEpisodes {
 public:
  /// `file` need not be there. Resets `environment`. Throws Error like DemonstrationReader.
  EarlierEpisodes(const std::string& file, Environment& environment);

  /// The recorder shows the start `observation` `[obs_dim]`.
  HudCoverage prepared(const Vector& observation);
  /// An episode was saved, discarded or taken back; the next start is not prepared yet.
  HudCoverage over(const RecordingSummary& summary);
  /// Places of what a person moves, m; empty where the task has no such body.
  const std::vector<Eigen::Vector3f>& path() const { return path_; }

 private:
  void follow(const Episode& episode, Environment& environment);

  EnvironmentSpec spec_;
  std::optional<StartCoverage> coverage_;
  std::vector<Eigen::Vector3f> path_;
  Vector start_;               ///< of the episode that is prepared or live
  std::vector<bool> counted_;  ///< of the saved ones: whether it is a demonstration
  std::size_t verdicts_ = 0;
  int successes_ = 0, undone_ = 0;
};

}  // namespace understudy::tools
