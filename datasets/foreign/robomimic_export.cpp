#include "datasets/foreign/robomimic_export.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/image_layout.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/guarded.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

template <class Rows>
void write_rows(const Place& parent, const std::string& name, Store store, const Rows& rows) {
  if (rows.size() == 0) return;
  hdf5::write_array(parent, name, store, static_cast<std::size_t>(rows.rows()),
                    static_cast<std::size_t>(rows.cols()), rows.data());
}

/// The rows from `first` on of every field.
void write_observations(const Place& demo, const char* name, const Episode& episode, const Space& space,
                        int first) {
  const Handle group = hdf5::create_group(demo, name);
  const Place place{group.get(), demo.child(name)};
  int offset = 0;
  for (const Field& field : space.fields()) {
    const Matrix rows = episode.observations.block(first, offset, episode.length(), field.size);
    write_rows(place, field.name, Store::kFloat32, rows);
    offset += field.size;
  }
}

void write_images(const Place& demo, const DemonstrationReader& reader, int index, int steps) {
  for (const ImageField& field : reader.header().images.fields) {
    const Store store = store_of(field.kind);
    const std::string place = demo.child("obs/" + field.key());
    Handle images = hdf5::create_images(
        demo, "obs/" + field.key(), store,
        {static_cast<std::size_t>(steps), static_cast<std::size_t>(field.height),
         static_cast<std::size_t>(field.width), static_cast<std::size_t>(field.channels())});
    std::vector<char> image(field.bytes());
    for (int row = 0; row < steps; ++row) {
      reader.read_image(index, field, row, image.data());
      hdf5::write_image(images, place, store, static_cast<std::size_t>(row), image.data());
    }
    if (!images.reset()) throw Error(place + ": cannot be written");
  }
}

void write_demo(const Place& data, const DemonstrationReader& reader, int index) {
  const Episode episode = reader.read(index, {.states = true, .info = false});
  const auto steps = static_cast<std::size_t>(episode.length());
  const std::string name = "demo_" + std::to_string(index);
  const Handle group = hdf5::create_group(data, name);
  const Place demo{group.get(), data.child(name)};
  hdf5::write_integer(demo, "num_samples", episode.length());
  hdf5::write_unsigned(demo, "seed", episode.seed);
  hdf5::write_bool(demo, "success", episode.success);
  hdf5::write_bool(demo, "terminated", episode.terminated);
  hdf5::write_bool(demo, "truncated", episode.truncated);
  hdf5::write_text(demo, "operator", episode.operator_name);
  write_rows(demo, "actions", Store::kFloat32, episode.actions);
  hdf5::write_array(demo, "rewards", Store::kFloat32, steps, 0, episode.rewards.data());
  std::vector<std::int64_t> dones(steps, 0);
  dones.back() = 1;  // robomimic's: the episode ends here, whyever
  hdf5::write_array(demo, "dones", Store::kInt64, steps, 0, dones.data());
  if (episode.states.rows() > 0) {
    const StateMatrix states = episode.states.topRows(episode.length());
    write_rows(demo, "states", Store::kFloat64, states);
  }
  write_observations(demo, "obs", episode, reader.header().observation, 0);
  write_observations(demo, "next_obs", episode, reader.header().observation, 1);
  write_images(demo, reader, index, episode.length());
}

void fill(const DemonstrationReader& reader, const Place& file,
          const std::function<void(int done, int all)>& progress) {
  const DatasetHeader& header = reader.header();
  const Handle group = hdf5::create_group(file, "data");
  const Place data{group.get(), file.child("data")};
  std::int64_t total = 0;
  for (int i = 0; i < reader.size(); ++i) {
    write_demo(data, reader, i);
    total += reader.summary(i).steps;
    if (progress) print_from_guarded([&] { progress(i + 1, reader.size()); });
  }
  hdf5::write_integer(data, "total", total);
  const nlohmann::ordered_json arguments{
      {"env_name", header.environment_id},
      {"type", 2},
      {"env_kwargs", {{"control_rate", header.control_rate}, {"horizon", header.horizon}}}};
  hdf5::write_text(data, "env_args", arguments.dump());
  const Handle mask = hdf5::create_group(file, "mask");
  for (const auto& [name, episodes] : reader.all_masks()) {
    std::vector<std::string> names;
    for (const int episode : episodes) names.push_back("demo_" + std::to_string(episode));
    if (!names.empty()) hdf5::write_names({mask.get(), file.child("mask")}, name, names);
  }
}

}  // namespace

int export_robomimic(const fs::path& dataset, const fs::path& file, bool force,
                     const std::function<void(int done, int all)>& progress) {
  const DemonstrationReader reader(dataset);
  if (!reader.is_ours()) {
    throw Error(dataset.string() +
                ": want a dataset of understudy, found another program's; bring it in first, with "
                "`understudy data convert --out NEW.h5`");
  }
  const DatasetPaths paths(file);
  if (fs::exists(paths.file) && fs::equivalent(paths.file, dataset))
    throw UsageError("--out: want another file than the dataset, found " + file.string());
  if (fs::exists(paths.file) && !force)
    throw Error(paths.file.string() +
                ": there is a file already; choose another name, or replace it with --force");
  const DirectoryLock lock(paths.parts, paths.file.string() + ": another process records into this file");
  const fs::path temporary = paths.parts / "convert.tmp";
  hdf5::write_file(
      temporary, (std::uintmax_t{1} << 20) + 2 * fs::file_size(dataset),
      [&](const Place& place) { fill(reader, place, progress); },
      [&](const Place& place) { return hdf5::open_group(place, "mask").has_value(); });
  durable_rename(temporary, paths.file);
  return reader.size();
}

}  // namespace understudy
