#include <nlohmann/json.hpp>
#include <string>

#include "datasets/format/episode_layout.h"
#include "datasets/format/space_json.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

Handle make_group(const Place& parent, const std::string& name, Place& place) {
  Handle group = hdf5::create_group(parent, name);
  place = {group.get(), parent.child(name)};
  return group;
}

Handle need_group(const Place& parent, const std::string& name, Place& place) {
  auto group = hdf5::open_group(parent, name);
  if (!group) throw Error(parent.child(name) + ": want a group, found none");
  place = {group->get(), parent.child(name)};
  return std::move(*group);
}

std::string demo_name(int index) {
  return "demo_" + std::to_string(index);
}
std::string episode_name(int index) {
  return "episode_" + std::to_string(index);
}

template <class Derived>
void write_matrix(const Place& parent, const std::string& name, Store store,
                  const Eigen::PlainObjectBase<Derived>& matrix) {
  if (matrix.size() == 0) return;
  hdf5::write_array(parent, name, store, static_cast<std::size_t>(matrix.rows()),
                    static_cast<std::size_t>(matrix.cols()), matrix.data());
}

template <class Entry>
void write_column(const Place& parent, const std::string& name, Store store,
                  const std::vector<Entry>& values) {
  if (!values.empty()) hdf5::write_array(parent, name, store, values.size(), 0, values.data());
}

void write_info(const Place& demo, const StepInfo& info) {
  Place infos;
  const Handle group = make_group(demo, "infos", infos);
  write_column(infos, "timestamp", Store::kFloat64, info.timestamp);
  write_column(infos, "input_age", Store::kFloat64, info.input_age);
  write_column(infos, "overrun", Store::kBool, info.overrun);
  write_column(infos, "intervention", Store::kBool, info.intervention);
  write_column(infos, "doubt", Store::kFloat32, info.doubt);
  write_matrix(infos, "axes", Store::kFloat32, info.axes);
  write_matrix(infos, "buttons", Store::kFloat32, info.buttons);
}

/// Writes a column of zeros whose last entry is `last`.
template <class Entry>
void write_flags(const Place& parent, const std::string& name, Store store, int steps, bool last) {
  std::vector<Entry> values(static_cast<std::size_t>(steps));
  if (last) values.at(values.size() - 1) = Entry{1};
  write_column(parent, name, store, values);
}

/// `/episode_<i>` and its links; the flags are left to the caller.
Handle make_minari_view(const Place& file, int index, const Place& demo, int steps, std::uint64_t seed,
                        Place& place) {
  Handle group = make_group(file, episode_name(index), place);
  hdf5::write_integer(place, "id", index);
  hdf5::write_integer(place, "total_steps", steps);
  hdf5::write_unsigned(place, "seed", seed);
  hdf5::hard_link(demo, "obs", place, "observations");
  hdf5::hard_link(demo, "actions", place, "actions");
  hdf5::hard_link(demo, "rewards", place, "rewards");
  hdf5::hard_link(demo, "infos", place, "infos");
  return group;
}

}  // namespace

void write_episode(const Place& file, int index, const Episode& episode, const Space& observation,
                   const EpisodeOrigin& origin) {
  const int steps = episode.length();
  Place data;
  const Handle data_group = need_group(file, "data", data);
  Place demo;
  const Handle demo_group = make_group(data, demo_name(index), demo);
  hdf5::write_integer(demo, "num_samples", steps);
  hdf5::write_unsigned(demo, "seed", episode.seed);
  hdf5::write_bool(demo, "terminated", episode.terminated);
  hdf5::write_bool(demo, "truncated", episode.truncated);
  hdf5::write_bool(demo, "success", episode.success);
  hdf5::write_bool(demo, "recovered", origin.recovered);
  hdf5::write_text(demo, "operator", episode.operator_name);
  hdf5::write_text(demo, "device", origin.device);
  if (!episode.variation.empty()) hdf5::write_text(demo, "variation", episode.variation);
  if (!episode.recording.empty()) hdf5::write_text(demo, "recording", episode.recording);

  write_matrix(demo, "actions", Store::kFloat32, episode.actions);
  write_column(demo, "rewards", Store::kFloat32, episode.rewards);
  write_flags<std::int64_t>(demo, "dones", Store::kInt64, steps, episode.terminated);
  write_matrix(demo, "states", Store::kFloat64, episode.states);
  {
    Place obs;
    const Handle group = make_group(demo, "obs", obs);
    int offset = 0;
    for (const Field& field : observation.fields()) {
      const Matrix columns = episode.observations.middleCols(offset, field.size);
      write_matrix(obs, field.name, Store::kFloat32, columns);
      offset += field.size;
    }
  }
  write_info(demo, episode.info);

  Place minari;
  const Handle minari_group = make_minari_view(file, index, demo, steps, episode.seed, minari);
  write_flags<std::uint8_t>(minari, "terminations", Store::kBool, steps, episode.terminated);
  write_flags<std::uint8_t>(minari, "truncations", Store::kBool, steps, episode.truncated);
}

void copy_episode(const Place& from, int from_index, const Place& to, int to_index) {
  Place from_data;
  Place to_data;
  const Handle from_data_group = need_group(from, "data", from_data);
  const Handle to_data_group = need_group(to, "data", to_data);
  hdf5::copy_object(from_data, demo_name(from_index), to_data, demo_name(to_index));

  Place demo;
  const Handle demo_group = need_group(to_data, demo_name(to_index), demo);
  const EpisodeSummary summary = read_summary(demo);
  Place from_minari;
  Place to_minari;
  const Handle from_group = need_group(from, episode_name(from_index), from_minari);
  const Handle to_group = make_minari_view(to, to_index, demo, summary.steps, summary.seed, to_minari);
  hdf5::copy_object(from_minari, "terminations", to_minari, "terminations");
  hdf5::copy_object(from_minari, "truncations", to_minari, "truncations");
}

void write_index(const Place& file, const DatasetIndex& index) {
  const DatasetHeader& header = index.header;
  Place data;
  const Handle data_group = need_group(file, "data", data);
  hdf5::write_integer(data, "total", index.total_steps);
  // robomimic: type 2 is a Gym environment; it looks env_kwargs up without asking whether it is there.
  const nlohmann::ordered_json env_args{
      {"env_name", header.environment_id},
      {"type", 2},
      {"env_kwargs",
       {{"control_rate", header.control_rate}, {"substeps", header.substeps}, {"horizon", header.horizon}}}};
  hdf5::write_text(data, "env_args", env_args.dump());

  Place mask;
  const Handle mask_group = make_group(file, "mask", mask);
  const auto names = [](const std::vector<int>& episodes) {
    std::vector<std::string> list;
    for (const int episode : episodes) list.push_back(demo_name(episode));
    return list;
  };
  // An empty list stops PyTorch's loader with an error that names nothing; a missing one is understood.
  for (const auto& [name, episodes] : index.masks) hdf5::write_names(mask, name, names(episodes));

  Place ours;
  const Handle ours_group = make_group(file, "understudy", ours);
  hdf5::write_integer(ours, "schema_version", kSchemaVersion);
  hdf5::write_text(ours, "environment_id", header.environment_id);
  hdf5::write_text(ours, "observation_space", space_to_json(header.observation));
  hdf5::write_text(ours, "action_space", space_to_json(header.action));
  hdf5::write_integer(ours, "state_dim", header.state_dim);
  hdf5::write_real(ours, "control_rate", header.control_rate);
  hdf5::write_integer(ours, "substeps", header.substeps);
  hdf5::write_integer(ours, "horizon", header.horizon);
  hdf5::write_text(ours, "device", header.device);
  hdf5::write_text(ours, "binding", header.binding);
  hdf5::write_text(ours, "program_version", header.program_version);
  if (!header.robot_sha256.empty()) hdf5::write_text(ours, "robot_sha256", header.robot_sha256);
  if (!header.source.empty()) hdf5::write_text(ours, "source", header.source);
  if (!header.action_scale.empty()) hdf5::write_text(ours, "action_scale", header.action_scale);
  hdf5::write_names(ours, "checksums", index.checksums);
  if (header.images.fields.empty()) return;
  hdf5::write_text(ours, "images", image_header_to_json(header.images));
  hdf5::write_names(ours, "image_checksums", index.image_checksums);
}

bool has_checksums(const Place& file, const DatasetIndex& index) {
  Place ours;
  const Handle ours_group = need_group(file, "understudy", ours);
  return hdf5::read_names(ours, "checksums") == index.checksums &&
         (index.header.images.fields.empty() ||
          hdf5::read_names(ours, "image_checksums") == index.image_checksums);
}

}  // namespace understudy
