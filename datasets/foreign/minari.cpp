// Minari's data sets in HDF5: a folder of metadata.json and main_data.hdf5, or the latter alone.

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "datasets/foreign/array_columns.h"
#include "datasets/foreign/episode_source.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using hdf5::Place;

constexpr std::uintmax_t kMostMetadata = 64 << 20;  // bytes
constexpr const char* kDataFile = "main_data.hdf5";

fs::path data_file(const fs::path& given) {
  if (!fs::is_directory(given)) return given;
  for (const fs::path& folder : {given, given / "data"}) {
    if (fs::exists(folder / kDataFile)) return folder / kDataFile;
    if (fs::exists(folder / "metadata.json")) {
      throw Error(given.string() + ": want " + kDataFile +
                  " beside metadata.json, found none; if the data are in "
                  "Arrow's format, make them with data_format=\"hdf5\"");
    }
  }
  throw Error(given.string() + ": want a folder of Minari's with data/" + kDataFile + ", found none");
}

/// Bounds of an action's entries, by the name of the array: "" or "arm/_index_0".
using Bounds = std::map<std::string, std::pair<std::vector<double>, std::vector<double>>>;

/// A space as Python writes it, with Infinity and NaN, which JSON has not: null takes their places.
nlohmann::json parsed_space(const std::string& text) {
  std::string json;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    const std::string_view rest = std::string_view(text).substr(i);
    std::size_t skipped = 0;
    for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
      if (!quoted && rest.starts_with(word)) skipped = std::max(skipped, word.size());
    }
    json += skipped > 0 ? "null" : std::string(1, text[i]);
    if (skipped > 0) i += skipped - 1;
  }
  return parsed_json(json);
}

void flatten(const nlohmann::json& numbers, std::vector<double>& flat) {
  if (numbers.is_array()) {
    for (const auto& inner : numbers) flatten(inner, flat);
  } else {
    flat.push_back(numbers.is_number() ? numbers.get<double>() : NAN);
  }
}

/// Reads a space in Minari's notation. Throws Error for one that is not of numbers between bounds.
void read_bounds(const nlohmann::json& space, const std::string& name, const std::string& place,
                 Bounds& bounds) {
  const std::string type =
      space.is_object() && space.contains("type") && space["type"].is_string() ? space["type"] : "";
  const auto inner = [&](const auto& key) {
    return name.empty() ? std::string(key) : name + "/" + std::string(key);
  };
  const auto spaces = space.is_object() ? space.value("subspaces", nlohmann::json()) : nlohmann::json();
  if (type == "Box") {
    auto& [low, high] = bounds[name];
    flatten(space.value("low", nlohmann::json::array()), low);
    flatten(space.value("high", nlohmann::json::array()), high);
  } else if (type == "Dict" && spaces.is_object()) {
    for (const auto& [key, subspace] : spaces.items()) read_bounds(subspace, inner(key), place, bounds);
  } else if (type == "Tuple" && spaces.is_array()) {
    for (std::size_t i = 0; i < spaces.size(); ++i)
      read_bounds(spaces[i], inner("_index_" + std::to_string(i)), place, bounds);
  } else {
    throw Error(place +
                "@action_space: want numbers between bounds (Box, or Dict and Tuple of them), found " +
                (type.empty() ? "something else" : type) + ": what chooses among kinds cannot be brought in");
  }
}

class MinariFile : public EpisodeSource {
 public:
  explicit MinariFile(const fs::path& given) : file_(data_file(given)), handle_(hdf5::open_file(file_)) {
    description_.format = "minari";
    names_ = numbered_groups(root(), "episode_");
    if (names_.empty()) throw Error(file_.string() + ": want groups episode_0, ..., found none");
    const auto group = hdf5::open_group(root(), names_.front());
    if (!group) throw Error(root().child(names_.front()) + ": want a group, found something else");
    const Place first{group->get(), root().child(names_.front())};
    observations_ = ArrayColumns(first, "observations");
    read_metadata();  // which can say of actions that they are of another kind
    actions_ = ArrayColumns(first, "actions");
    description_.observation = observations_.fields();
    description_.action = actions_.fields();
    description_.has_names = hdf5::open_group(first, "observations").has_value();
    say_left_out(description_.words, observations_.left_out());
    say_left_out(description_.words, actions_.left_out());
    take_bounds();
  }

  const ForeignDescription& description() const override { return description_; }
  int size() const override { return static_cast<int>(names_.size()); }

  ForeignEpisode read(int index) const override {
    const std::string& name = names_.at(static_cast<std::size_t>(index));
    const auto group = hdf5::open_group(root(), name);
    const Place place{group ? group->get() : -1, root().child(name)};
    if (!group) throw Error(place.name + ": want a group, found something else");
    ForeignEpisode episode{.place = place.name};
    const std::size_t steps = actions_.rows(place);
    if (steps == 0) throw Error(place.child("actions") + ": want at least one row, found none");
    episode.actions = actions_.read(place, steps, 0, steps);
    episode.observations = observations_.read(place, steps + 1, 0, steps + 1);
    episode.rewards = read_numbers(place, "rewards", steps);
    const auto last = [&](const char* flags) {
      const std::vector<double> values = read_numbers(place, flags, steps);
      return values.empty() ? std::nullopt : std::optional(values.back() != 0);
    };
    const auto terminated = last("terminations");
    episode.terminated = terminated.value_or(false);
    episode.truncated = last("truncations").value_or(!episode.terminated);
    episode.seed = hdf5::read_unsigned(place, "seed").value_or(0);
    episode.success = success_of(place);
    return episode;
  }

 private:
  Place root() const { return {handle_.get(), file_.string() + ":"}; }

  /// The last entry of infos/success, as the maze and Adroit data sets have it.
  static std::optional<bool> success_of(const Place& episode) {
    const auto infos = hdf5::open_group(episode, "infos");
    if (!infos) return std::nullopt;
    const Place place{infos->get(), episode.child("infos")};
    const auto array = hdf5::open_array(place, "success");
    if (!array || array->shape.size() != 1 || array->shape[0] == 0) return std::nullopt;
    const std::vector<double> values =
        read_numbers(place, "success", static_cast<std::size_t>(array->shape[0]));
    return values.back() != 0;
  }

  void read_metadata() {
    const fs::path file = file_.parent_path() / "metadata.json";
    if (!fs::exists(file)) return;
    if (fs::file_size(file) > kMostMetadata) throw Error(file.string() + ": want at most 64 MB, found more");
    const auto json = parsed_json(read_file(file));
    if (!json.is_object()) throw Error(file.string() + ": want a JSON object, found something else");
    const auto text = [&](const char* key) {
      return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
    };
    if (const std::string format = text("data_format"); !format.empty() && format != "hdf5") {
      throw Error(file.string() + "@data_format: want hdf5, found " + format +
                  "; make the data set again with data_format=\"hdf5\"");
    }
    const auto environment = parsed_json(text("env_spec"));
    if (environment.is_object()) {
      if (environment.contains("id") && environment["id"].is_string()) description_.task = environment["id"];
      const auto steps = environment.value("max_episode_steps", nlohmann::json());
      if (steps.is_number_unsigned() && steps <= 1'000'000'000) description_.horizon = steps;
    }
    if (const std::string space = text("action_space"); !space.empty())
      read_bounds(parsed_space(space), "", file.string(), bounds_);
  }

  /// The bounds of all entries, when they are declared for all.
  void take_bounds() {
    for (const ForeignField& field : description_.action) {
      const auto found =
          bounds_.find(hdf5::open_array(root(), names_.front() + "/actions") ? "" : field.name);
      const auto size = static_cast<std::size_t>(field.size);
      if (found == bounds_.end() || found->second.first.size() != size ||
          found->second.second.size() != size) {
        description_.low.clear();
        description_.high.clear();
        return;
      }
      const auto& [low, high] = found->second;
      description_.low.insert(description_.low.end(), low.begin(), low.end());
      description_.high.insert(description_.high.end(), high.begin(), high.end());
    }
  }

  fs::path file_;
  Handle handle_;
  std::vector<std::string> names_;
  ArrayColumns observations_;
  ArrayColumns actions_;
  Bounds bounds_;
  ForeignDescription description_;
};

}  // namespace

std::unique_ptr<EpisodeSource> open_minari(const fs::path& file) {
  return std::make_unique<MinariFile>(file);
}

}  // namespace understudy
