#include "datasets/format/demonstration_reader.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "datasets/format/dataset_paths.h"
#include "datasets/format/episode_layout.h"
#include "datasets/format/image_layout.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"

namespace understudy {
namespace {

using hdf5::Handle;
using hdf5::Place;

/// The number behind "demo_"; nullopt for any other name.
std::optional<int> demo_number(const std::string& name) {
  constexpr std::string_view kPrefix = "demo_";
  if (name.rfind(kPrefix, 0) != 0) return std::nullopt;
  const char* const end = name.data() + name.size();
  int number = 0;
  const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  if (error != std::errc() || rest != end || number < 0) return std::nullopt;
  return number;
}

[[noreturn]] void throw_layout(const Place& file) {
  std::string found = "no group /data";
  if (hdf5::has_link(file, "episode_0")) found = "a Minari dataset";
  if (hdf5::has_link(file, "observations") && hdf5::has_link(file, "terminals")) found = "a flat D4RL file";
  throw Error(file.name + ": want demonstrations in /data/demo_0, ..., found " + found +
              "; if another program made it, bring it in with `understudy data convert " + file.name +
              " --out NEW.h5`");
}

}  // namespace

struct DemonstrationReader::Impl {
  std::filesystem::path path;
  Handle file;
  Handle data;
  bool ours = false;
  DatasetHeader header;
  std::vector<std::string> names;
  std::vector<std::string> keys;
  /// Header and keys as the file has them, once others were chosen: checksums are of these.
  std::optional<std::pair<DatasetHeader, std::vector<std::string>>> written;
  std::vector<std::string> skipped;
  std::vector<std::string> checksums;
  std::vector<std::string> image_checksums;

  Place file_place() const { return {file.get(), path.string() + ":"}; }
  Place data_place() const { return {data.get(), path.string() + ":/data"}; }

  hdf5::Array open_images(int index, const ImageField& field) const {
    Handle group;
    const Place demo = open_demo(index, group);
    auto array = hdf5::open_array(demo, "obs/" + field.key());
    if (!array) throw Error(demo.child("obs/" + field.key()) + ": want an array of images, found none");
    const std::vector<hsize_t> shape{array->shape.empty() ? 0 : array->shape[0],
                                     static_cast<hsize_t>(field.height), static_cast<hsize_t>(field.width),
                                     static_cast<hsize_t>(field.channels())};
    if (array->shape != shape || !array->is_stored_as(store_of(field.kind))) {
      throw Error(array->place + ": want " + field.text() + ", found an array " + array->shape_text());
    }
    return std::move(*array);
  }

  /// `group` keeps the demonstration open.
  Place open_demo(int index, Handle& group) const {
    if (index < 0 || index >= static_cast<int>(names.size())) {
      throw Error(path.string() + ": want a demonstration below " + std::to_string(names.size()) +
                  ", found " + std::to_string(index));
    }
    const std::string& name = names[static_cast<std::size_t>(index)];
    auto opened = hdf5::open_group(data_place(), name);
    if (!opened) throw Error(data_place().child(name) + ": want a group, found something else");
    group = std::move(*opened);
    return {group.get(), data_place().child(name)};
  }
};

DemonstrationReader::DemonstrationReader(const std::filesystem::path& file)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = file;
  if (!std::filesystem::exists(file) && has_leftovers(file)) {
    throw Error(file.string() +
                ": no such file, but a session that did not end left episodes beside it; run " +
                "`understudy data recover " + shell_quoted(file.string()) + "`");
  }
  impl_->file = hdf5::open_file(file);
  auto data = hdf5::open_group(impl_->file_place(), "data");
  if (!data) throw_layout({impl_->file.get(), file.string()});
  impl_->data = std::move(*data);

  std::map<int, std::string> numbered;
  for (const std::string& name : hdf5::link_names(impl_->data_place())) {
    if (const auto number = demo_number(name)) numbered[*number] = name;
  }
  for (auto& [number, name] : numbered) impl_->names.push_back(std::move(name));
  if (impl_->names.empty()) throw Error(file.string() + ": want at least one demonstration, found none");

  impl_->ours = hdf5::has_link(impl_->file_place(), "understudy");
  if (impl_->ours) {
    impl_->header = read_header(impl_->file_place());
    for (const Field& field : impl_->header.observation.fields()) impl_->keys.push_back(field.name);
    const auto group = hdf5::open_group(impl_->file_place(), "understudy");
    impl_->checksums = hdf5::read_names({group->get(), impl_->file_place().child("understudy")}, "checksums");
    if (impl_->checksums.size() != impl_->names.size()) {
      throw Error(file.string() + ":/understudy/checksums: want " + std::to_string(impl_->names.size()) +
                  " entries to match the demonstrations, found " + std::to_string(impl_->checksums.size()));
    }
    if (!impl_->header.images.fields.empty()) {
      const Place ours{group->get(), impl_->file_place().child("understudy")};
      impl_->image_checksums = hdf5::read_names(ours, "image_checksums");
      if (impl_->image_checksums.size() != impl_->names.size()) {
        throw Error(ours.child("image_checksums") + ": want " + std::to_string(impl_->names.size()) +
                    " entries to match the demonstrations, found " +
                    std::to_string(impl_->image_checksums.size()));
      }
    }
    return;
  }
  Handle group;
  const Place demo = impl_->open_demo(0, group);
  impl_->header = guess_header(impl_->data_place(), demo, impl_->skipped);
  const auto obs = hdf5::open_group(demo, "obs");
  for (const std::string& key : hdf5::link_names({obs->get(), demo.child("obs")})) {
    if (std::find(impl_->skipped.begin(), impl_->skipped.end(), key) == impl_->skipped.end()) {
      impl_->keys.push_back(key);
    }
  }
}

DemonstrationReader::~DemonstrationReader() = default;
DemonstrationReader::DemonstrationReader(DemonstrationReader&&) noexcept = default;
DemonstrationReader& DemonstrationReader::operator=(DemonstrationReader&&) noexcept = default;

const DatasetHeader& DemonstrationReader::header() const {
  return impl_->header;
}
int DemonstrationReader::size() const {
  return static_cast<int>(impl_->names.size());
}
bool DemonstrationReader::is_ours() const {
  return impl_->ours;
}
const std::vector<std::string>& DemonstrationReader::skipped_fields() const {
  return impl_->skipped;
}
std::string DemonstrationReader::sha256() const {
  return file_sha256(impl_->path);
}

std::string DemonstrationReader::name(int index) const {
  return impl_->names.at(static_cast<std::size_t>(index));
}

std::string DemonstrationReader::checksum(int index) const {
  return impl_->ours ? impl_->checksums.at(static_cast<std::size_t>(index)) : "";
}

std::string DemonstrationReader::image_checksum(int index) const {
  return impl_->image_checksums.empty() ? "" : impl_->image_checksums.at(static_cast<std::size_t>(index));
}

void DemonstrationReader::read_image(int index, const ImageField& field, int row, void* image) const {
  const hdf5::Array array = impl_->open_images(index, field);
  if (row < 0 || static_cast<hsize_t>(row) >= array.shape[0]) {
    throw Error(array.place + ": want a row below " + std::to_string(array.shape[0]) + ", found " +
                std::to_string(row));
  }
  array.read_entry(store_of(field.kind), static_cast<std::size_t>(row), image);
}

std::vector<std::string> DemonstrationReader::image_bodies(int index, const ImageField& field) const {
  const hdf5::Array array = impl_->open_images(index, field);
  const auto text = hdf5::read_text({array.dataset.get(), array.place}, "bodies");
  if (!text) throw Error(array.place + ": want a text attribute bodies, found none");
  return bodies_from_json(*text, array.place + "@bodies");
}

EpisodeSummary DemonstrationReader::summary(int index) const {
  Handle group;
  return read_summary(impl_->open_demo(index, group));
}

Episode DemonstrationReader::read(int index, ReadOptions options) const {
  Handle group;
  const Place demo = impl_->open_demo(index, group);
  return read_episode(demo, impl_->header, impl_->keys, impl_->ours, options);
}

std::vector<std::string> DemonstrationReader::masks() const {
  const auto group = hdf5::open_group(impl_->file_place(), "mask");
  return group ? hdf5::link_names({group->get(), "mask"}) : std::vector<std::string>();
}

Episode DemonstrationReader::read_verified(int index) const {
  Episode episode = read(index);
  const auto sum = [&] {
    if (!impl_->written) return episode_sha256(episode);
    Handle group;
    const Place demo = impl_->open_demo(index, group);
    return episode_sha256(read_episode(demo, impl_->written->first, impl_->written->second, true, {}));
  };
  if (impl_->ours && sum() != checksum(index)) {
    throw Error(impl_->path.string() + ":/data/" + name(index) +
                ": the content does not match its checksum: the file has changed since it was recorded; get "
                "another copy, or record again");
  }
  episode.states.resize(0, 0);
  StepInfo kept;
  kept.intervention = std::move(episode.info.intervention);
  episode.info = std::move(kept);
  return episode;
}

void DemonstrationReader::fit(const Space& observation, const Space& action) {
  const std::string place = impl_->path.string() + ": ";
  DatasetHeader& header = impl_->header;
  const auto want_size = [&](const char* what, const Space& want, const Space& found) {
    if (want.size() == found.size()) return;
    throw Error(place + "want " + std::to_string(want.size()) + " " + what + ", found " +
                std::to_string(found.size()) + "; choose the task that they are of");
  };
  want_size("entries of an action", action, header.action);
  if (!impl_->written) impl_->written.emplace(header, impl_->keys);
  const bool one_array = header.observation.fields().size() == 1;
  if (one_array) want_size("entries of an observation", observation, header.observation);
  if (!one_array) {
    std::vector<std::string> keys;
    for (const Field& want : observation.fields()) {
      const auto& found = header.observation.fields();
      const auto same = std::find_if(found.begin(), found.end(), [&](const Field& field) {
        return field.name == want.name && field.size == want.size;
      });
      if (same == found.end()) {
        std::string names;
        for (const Field& field : found) {
          names += (names.empty() ? "" : ", ") + field.name + "[" + std::to_string(field.size) + "]";
        }
        throw Error(place + "want an observation array " + want.name + "[" + std::to_string(want.size) +
                    "], found " + names + "; say which it is: `understudy data convert " +
                    impl_->path.string() + " --env TASK --map " + want.name + "=THEIRS --out NEW.h5`");
      }
      keys.push_back(impl_->keys[static_cast<std::size_t>(same - found.begin())]);
    }
    impl_->keys = std::move(keys);
    header.observation = observation;
  }
  header.action = action;
}

NamedMasks DemonstrationReader::all_masks() const {
  NamedMasks all;
  for (const std::string& key : masks()) all[key] = mask(key);
  return all;
}

std::vector<int> DemonstrationReader::mask(const std::string& key) const {
  const std::vector<std::string> known = masks();
  if (std::find(known.begin(), known.end(), key) == known.end()) {
    if (impl_->ours && (key == "train" || key == "valid")) return {};
    throw Error(impl_->path.string() + ":/mask: " + unknown_name("mask", key, known));
  }
  const auto group = hdf5::open_group(impl_->file_place(), "mask");
  const Place place{group->get(), impl_->path.string() + ":/mask"};
  std::vector<int> indices;
  for (const std::string& name : hdf5::read_names(place, key)) {
    const auto found = std::find(impl_->names.begin(), impl_->names.end(), name);
    if (found == impl_->names.end()) {
      throw Error(place.child(key) + ": want names of demonstrations, found '" + name + "'");
    }
    indices.push_back(static_cast<int>(found - impl_->names.begin()));
  }
  std::sort(indices.begin(), indices.end());
  return indices;
}

std::vector<int> dropped_episodes(const DemonstrationReader& reader) {
  const std::vector<std::string> masks = reader.masks();
  const bool some = std::find(masks.begin(), masks.end(), kDroppedMask) != masks.end();
  return some ? reader.mask(kDroppedMask) : std::vector<int>();
}

std::vector<int> usable_episodes(const DemonstrationReader& reader) {
  const std::vector<int> dropped = dropped_episodes(reader);
  std::vector<int> usable;
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    if (summary.success && !summary.recovered && !std::binary_search(dropped.begin(), dropped.end(), i))
      usable.push_back(i);
  }
  return usable;
}

}  // namespace understudy
