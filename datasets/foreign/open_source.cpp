#include <algorithm>
#include <nlohmann/json.hpp>

#include "datasets/foreign/array_columns.h"
#include "datasets/foreign/episode_source.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Place;

/// Isaac Lab writes robomimic's env_args without what robomimic reads from them.
bool is_isaaclab(const Place& root) {
  const auto data = hdf5::open_group(root, "data");
  const auto json = parsed_json(hdf5::read_text({data->get(), root.child("data")}, "env_args").value_or(""));
  return json.is_object() && !json.contains("env_kwargs");
}

/// The layout of an HDF5 file. Throws Error when it is none that is known.
std::string layout_of(const fs::path& file) {
  const hdf5::Handle handle = hdf5::open_file(file);
  const Place root{handle.get(), file.string() + ":"};
  if (hdf5::has_link(root, "understudy"))
    throw Error(file.string() + ": is a dataset of understudy already: there is nothing to convert");
  if (hdf5::open_group(root, "data")) return is_isaaclab(root) ? "isaaclab" : "robomimic";
  if (hdf5::has_link(root, "observations") && hdf5::has_link(root, "actions")) return "d4rl";
  if (!numbered_groups(root, "episode_").empty()) return "minari";
  throw Error(
      file.string() +
      ": want /data/demo_<n> (robomimic, robosuite, Isaac Lab), /episode_<n> (Minari) or /observations and "
      "/actions (D4RL), found none of them");
}

}  // namespace

const std::vector<std::string>& source_formats() {
  static const std::vector<std::string> formats{"auto",   "robomimic", "isaaclab",
                                                "minari", "d4rl",      "mlagents"};
  return formats;
}

std::unique_ptr<EpisodeSource> open_source(const fs::path& file, const SourceOptions& options) {
  const auto& known = source_formats();
  if (std::find(known.begin(), known.end(), options.format) == known.end())
    throw UsageError("--from: " + unknown_name("layout", options.format, known));
  if (!fs::exists(file)) throw Error(file.string() + ": no such file; check the path");
  std::string format = options.format;
  if (format == "auto") {
    format = fs::is_directory(file) ? "minari" : file.extension() == ".demo" ? "mlagents" : layout_of(file);
  }
  if (format == "isaaclab") return open_isaaclab(file);
  if (format == "minari") return open_minari(file);
  if (format == "d4rl") return open_d4rl(file, options.horizon);
  if (format == "mlagents") return open_mlagents(file);
  return open_robomimic(file);
}

}  // namespace understudy
