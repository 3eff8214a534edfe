// robomimic's files, and the recordings of robosuite that they are made from.

#include "datasets/foreign/demo_groups.h"

namespace understudy {

std::unique_ptr<EpisodeSource> open_robomimic(const std::filesystem::path& file) {
  bool raw = false;
  {
    const hdf5::Handle handle = hdf5::open_file(file);
    const hdf5::Place root{handle.get(), file.string() + ":"};
    const auto data = hdf5::open_group(root, "data");
    if (data) {
      const hdf5::Place place{data->get(), root.child("data")};
      const std::vector<std::string> names = numbered_groups(place, "demo_");
      const auto demo = names.empty() ? std::nullopt : hdf5::open_group(place, names.front());
      if (demo) {
        const hdf5::Place first{demo->get(), place.child(names.front())};
        raw = !hdf5::has_link(first, "obs") && hdf5::has_link(first, "states");
      }
    }
  }
  auto source = std::make_unique<DemoGroups>(file, raw ? "robosuite" : "robomimic", raw ? "states" : "obs");
  if (raw) {
    // collect_human_demonstrations.py keeps no others.
    source->only_successes();
    source->change().words.emplace_back(
        "no observations were recorded: the simulator's states (time, positions, speeds) stand for them; "
        "what "
        "cameras and sensors saw is made by robomimic's dataset_states_to_obs.py, the model's XML is left "
        "out");
  }
  return source;
}

}  // namespace understudy
