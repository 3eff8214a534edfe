// Isaac Lab's files: robomimic's layout, with groups in groups, or all observations in one array.

#include "datasets/foreign/demo_groups.h"

namespace understudy {

std::unique_ptr<EpisodeSource> open_isaaclab(const std::filesystem::path& file) {
  auto source = std::make_unique<DemoGroups>(file, "isaaclab", "obs");
  ForeignDescription& description = source->change();
  // A policy's observations that are concatenated there are one array without a name of its own.
  description.has_names = description.observation.size() > 1 || description.observation.front().name != "obs";
  description.words.emplace_back("left out: what there is of initial_state and states, which is Isaac's own");
  return source;
}

}  // namespace understudy
