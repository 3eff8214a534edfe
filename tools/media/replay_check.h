#pragma once
/// \file Whether recorded actions still lead to the recorded states.

#include <optional>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/episode.h"
#include "envs/contract/environment.h"

namespace understudy::tools {

/// What simulating an episode's actions again from its seed came to.
struct ReplayDifference {
  bool identical = true;           ///< all states, observations and rewards, bit for bit
  int first_step = -1;             ///< first row of `states` or `observations` that differs; -1: none
  double largest_state = 0;        ///< largest absolute difference of a state entry
  double largest_observation = 0;  ///< largest absolute difference of an observation entry
  bool success = false;            ///< the task's criterion at the last step that was simulated
  int ended_after = -1;            ///< the task ended after this many of the recorded steps; -1: it did not
};

/// From the next reset on, the environment is varied as the episode was when it was recorded. Throws Error
/// that begins with `place` when the file does not say it in a way that fits the task.
void vary_as_recorded(Environment& environment, const Episode& episode, const std::string& place);

/// Simulates the episode's actions again from its seed, varied as it was. Works on episodes without states
/// too, by their observations. Throws Error (beginning with `place`) when the arrays do not have the task's
/// dimensions.
ReplayDifference compare_replay(const Episode& episode, Environment& environment, const std::string& place);

/// Prints one line per episode (all, or the one chosen) and throws Error when any differs.
void verify_replay(const DemonstrationReader& reader, const std::string& file, Environment& environment,
                   std::optional<int> episode);

}  // namespace understudy::tools
