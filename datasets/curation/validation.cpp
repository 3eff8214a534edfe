#include "datasets/curation/validation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/episode_layout.h"
#include "datasets/format/image_layout.h"
#include "datasets/format/recording_record.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

/// Collects violations while it walks through one file.
class Inspector {
 public:
  Inspector(const DemonstrationReader& reader, Handle file, std::string name)
      : reader_(reader), file_handle_(std::move(file)), file_{file_handle_.get(), std::move(name) + ":"} {}

  std::vector<std::string> inspect() {
    inspect_data();
    for (int i = 0; i < reader_.size(); ++i) inspect_episode(i);
    inspect_masks();
    inspect_root();
    return std::move(lines_);
  }

 private:
  void report(const std::string& place, const std::string& violation) {
    lines_.push_back(place + ": " + violation);
  }

  /// `attribute` of `object` as read by `read`, or a violation.
  template <class Value>
  std::optional<Value> need(const Place& object, const std::string& attribute, const char* kind,
                            std::optional<Value> (*read)(const Place&, const std::string&)) {
    auto value = read(object, attribute);
    if (!value)
      report(object.name, std::string("want attribute ") + attribute + " (" + kind + "), found none");
    return value;
  }

  template <class Value>
  void want_equal(const std::string& place, Value want, std::optional<Value> found) {
    if (found && *found != want)
      report(place, "want " + std::to_string(want) + ", found " + std::to_string(*found));
  }

  /// `columns` 0: a column.
  void want_array(const Place& parent, const std::string& name, Store store, std::size_t rows,
                  std::size_t columns) {
    std::vector<hsize_t> shape{rows};
    if (columns > 0) shape.push_back(columns);
    want_shape(parent, name, store, shape);
  }

  void want_shape(const Place& parent, const std::string& name, Store store,
                  const std::vector<hsize_t>& shape) {
    const auto array = hdf5::open_array(parent, name);
    if (!array) return report(parent.child(name), "want an array, found none");
    if (array->shape != shape) {
      std::string want;
      for (const hsize_t size : shape) want += (want.empty() ? "[" : ", ") + std::to_string(size);
      report(array->place, "want " + want + "], found " + array->shape_text());
    }
    if (!array->is_stored_as(store))
      report(array->place, std::string("want entries of type ") + type_name(store));
    const std::string layout = array->layout_problem();
    if (!layout.empty()) report(array->place, layout);
  }

  static const char* type_name(Store store) {
    switch (store) {
      case Store::kFloat32:
        return "float32";
      case Store::kFloat64:
        return "float64";
      case Store::kInt64:
        return "int64";
      case Store::kInt16:
        return "int16";
      case Store::kBool:
        return "bool (enum of int8, FALSE = 0, TRUE = 1)";
      case Store::kUint8:
        return "uint8";
    }
    return "";
  }

  void inspect_data() {
    const auto group = hdf5::open_group(file_, "data");
    const Place data{group->get(), file_.child("data")};
    int expected = 0;
    for (int i = 0; i < reader_.size(); ++i) {
      if (reader_.name(i) == "demo_" + std::to_string(i)) ++expected;
    }
    if (expected != reader_.size()) {
      report(data.name, "want demonstrations numbered from 0 without gaps, found " + reader_.name(0) +
                            " to " + reader_.name(reader_.size() - 1));
    }
    const auto names = hdf5::link_names(data);
    if (static_cast<int>(names.size()) != reader_.size()) {
      report(data.name, "want nothing but demo_<number>, found " + std::to_string(names.size()) +
                            " children for " + std::to_string(reader_.size()) + " demonstrations");
    }
    std::int64_t total = 0;
    for (int i = 0; i < reader_.size(); ++i) total += reader_.summary(i).steps;
    want_equal(data.name + "@total", total, need(data, "total", "integer", hdf5::read_integer));
    inspect_env_args(data);
  }

  void inspect_env_args(const Place& data) {
    const auto text = need(data, "env_args", "text", hdf5::read_text);
    if (!text) return;
    const std::string place = data.name + "@env_args";
    const auto json = parsed_json(*text);
    if (!json.is_object()) return report(place, "want a JSON object, found something else");
    if (!json.contains("env_name") || !json["env_name"].is_string())
      report(place, "want env_name, found none");
    if (!json.contains("env_kwargs") || !json["env_kwargs"].is_object())
      report(place, "want env_kwargs, found none");
    const bool typed =
        json.contains("type") && json["type"].is_number_integer() && json["type"] >= 1 && json["type"] <= 3;
    if (!typed) report(place, "want type 1, 2 or 3, found another");
  }

  void inspect_episode(int index) {
    const auto data = hdf5::open_group(file_, "data");
    const Place data_place{data->get(), file_.child("data")};
    const auto group = hdf5::open_group(data_place, reader_.name(index));
    if (!group) return report(data_place.child(reader_.name(index)), "want a group, found something else");
    const Place demo{group->get(), data_place.child(reader_.name(index))};
    const auto actions = hdf5::open_array(demo, "actions");
    if (!actions || actions->shape.empty()) return report(demo.child("actions"), "want an array, found none");
    const auto steps = static_cast<std::size_t>(actions->shape[0]);

    want_equal(demo.name + "@num_samples", static_cast<std::int64_t>(steps),
               need(demo, "num_samples", "integer", hdf5::read_integer));
    need(demo, "seed", "integer", hdf5::read_unsigned);
    for (const char* flag : {"terminated", "truncated", "success", "recovered"}) {
      need(demo, flag, "bool", hdf5::read_bool);
    }
    for (const char* text : {"operator", "device"}) need(demo, text, "text", hdf5::read_text);
    inspect_variation(demo);
    inspect_recording(demo);
    inspect_arrays(demo, steps);
    inspect_values(index, demo);
    inspect_image_values(index, demo);
    inspect_minari(index, demo, steps);
  }

  void inspect_variation(const Place& demo) {
    const auto text = hdf5::read_text(demo, "variation");
    if (!text) return;
    const auto json = parsed_json(*text);
    const bool numbers = json.is_object() && !json.empty() &&
                         std::all_of(json.begin(), json.end(), [](const auto& v) { return v.is_number(); });
    if (!numbers) report(demo.name + "@variation", "want a JSON object of numbers, found '" + *text + "'");
  }

  void inspect_recording(const Place& demo) {
    const std::string text = hdf5::read_text(demo, "recording").value_or("");
    try {
      recording_from_json(text, "");
    } catch (const Error&) {
      report(demo.name + "@recording", "want a JSON object about the recording, found '" + text + "'");
    }
  }

  void inspect_arrays(const Place& demo, std::size_t steps) {
    const DatasetHeader& header = reader_.header();
    want_array(demo, "actions", Store::kFloat32, steps, static_cast<std::size_t>(header.action.size()));
    want_array(demo, "rewards", Store::kFloat32, steps, 0);
    want_array(demo, "dones", Store::kInt64, steps, 0);
    if (header.state_dim > 0) {
      want_array(demo, "states", Store::kFloat64, steps + 1, static_cast<std::size_t>(header.state_dim));
    }
    const auto group = hdf5::open_group(demo, "obs");
    if (!group) return report(demo.child("obs"), "want a group, found none");
    const Place obs{group->get(), demo.child("obs")};
    std::set<std::string> known;
    for (const Field& field : header.observation.fields()) {
      known.insert(field.name);
      want_array(obs, field.name, Store::kFloat32, steps + 1, static_cast<std::size_t>(field.size));
    }
    for (const ImageField& field : header.images.fields) {
      known.insert(field.key());
      inspect_images(obs, field, steps + 1);
    }
    for (const std::string& name : hdf5::link_names(obs)) {
      if (known.count(name) == 0)
        report(obs.child(name), std::string("want fields of the observation space ") +
                                    (header.images.fields.empty() ? "" : "and images ") +
                                    "only, found another");
    }
    const auto infos_group = hdf5::open_group(demo, "infos");
    if (!infos_group) return report(demo.child("infos"), "want a group, found none");
    const Place infos{infos_group->get(), demo.child("infos")};
    if (!header.source.empty() && hdf5::link_names(infos).empty()) return;  // nothing was measured
    want_array(infos, "timestamp", Store::kFloat64, steps, 0);
    want_array(infos, "input_age", Store::kFloat64, steps, 0);
    want_array(infos, "overrun", Store::kBool, steps, 0);
    want_array(infos, "intervention", Store::kBool, steps, 0);
    if (hdf5::open_array(infos, "doubt")) want_array(infos, "doubt", Store::kFloat32, steps, 0);
    for (const char* raw : {"axes", "buttons"}) {
      const auto array = hdf5::open_array(infos, raw);
      if (!array) continue;
      want_array(infos, raw, Store::kFloat32, steps,
                 array->shape.size() == 2 ? static_cast<std::size_t>(array->shape[1]) : 1);
    }
  }

  void inspect_images(const Place& obs, const ImageField& field, std::size_t rows) {
    want_shape(obs, field.key(), store_of(field.kind),
               {rows, static_cast<hsize_t>(field.height), static_cast<hsize_t>(field.width),
                static_cast<hsize_t>(field.channels())});
    const auto array = hdf5::open_array(obs, field.key());
    if (array && array->chunk_rows() != 1) report(array->place, "want a chunk for each image, found others");
  }

  /// The values of images of the right shapes, which may be many: one image at a time.
  void inspect_image_values(int index, const Place& demo) {
    const ImageHeader& images = reader_.header().images;
    if (images.fields.empty()) return;
    need(demo, "camera_info", "text", hdf5::read_text);
    try {
      for (const ImageField& field : images.fields) {
        if (field.kind == ImageKind::kColour) continue;
        const int rows = reader_.summary(index).steps + 1;
        for (int row = 0; row < rows; ++row) {
          const std::string violation = image_violation(index, field, row);
          if (violation.empty()) continue;
          report(demo.child("obs/" + field.key()), violation + " in row " + std::to_string(row));
          break;
        }
      }
      if (image_sha256(demo, images) != reader_.image_checksum(index)) {
        report(demo.name, "the images do not match their checksum in /understudy/image_checksums");
      }
    } catch (const Error& error) {
      lines_.emplace_back(error.what());
    }
  }

  /// "" when a depth image or segmentation makes sense.
  std::string image_violation(int index, const ImageField& field, int row) const {
    const std::size_t pixels = static_cast<std::size_t>(field.width) * static_cast<std::size_t>(field.height);
    if (field.kind == ImageKind::kDepth) {
      std::vector<float> depth(pixels);
      reader_.read_image(index, field, row, depth.data());
      const bool good = std::all_of(depth.begin(), depth.end(),
                                    [](float metres) { return std::isfinite(metres) && metres >= 0; });
      return good ? "" : "want finite depths of at least 0, found others";
    }
    std::vector<std::int16_t> segments(pixels);
    reader_.read_image(index, field, row, segments.data());
    const auto bodies = static_cast<std::int16_t>(reader_.image_bodies(index, field).size());
    const bool good = std::all_of(segments.begin(), segments.end(),
                                  [&](std::int16_t body) { return body >= -1 && body < bodies; });
    return good ? "" : "want bodies from -1 to " + std::to_string(bodies - 1) + ", found others";
  }

  void inspect_values(int index, const Place& demo) {
    Episode episode;
    try {
      episode = reader_.read(index);
    } catch (const Error& error) {
      lines_.emplace_back(error.what());
      return;
    }
    const auto& times = episode.info.timestamp;
    const auto back =
        std::adjacent_find(times.begin(), times.end(), [](double a, double b) { return b < a; });
    if (back != times.end()) {
      report(demo.child("infos/timestamp"), "want times that do not decrease, found a step back after row " +
                                                std::to_string(back - times.begin()));
    }
    const auto& ages = episode.info.input_age;
    if (std::any_of(ages.begin(), ages.end(), [](double age) { return age < 0; })) {
      report(demo.child("infos/input_age"), "want ages of at least 0, found a negative one");
    }
    inspect_last_only(demo, "dones", episode.terminated);
    if (episode_sha256(episode) != reader_.checksum(index)) {
      report(demo.name, "the content does not match its checksum in /understudy/checksums");
    }
  }

  /// All entries 0 but for the last, which is `last`.
  void inspect_last_only(const Place& parent, const std::string& name, bool last) {
    const auto array = hdf5::open_array(parent, name);
    if (!array || array->shape.size() != 1 || array->shape[0] == 0) return;
    std::vector<std::int64_t> values(static_cast<std::size_t>(array->shape[0]));
    array->read(Store::kInt64, values.data());
    for (std::size_t row = 0; row < values.size(); ++row) {
      const std::int64_t want = row + 1 == values.size() && last ? 1 : 0;
      if (values[row] == want) continue;
      return report(array->place, "want " + std::to_string(want) + " in row " + std::to_string(row) +
                                      ", found " + std::to_string(values[row]));
    }
  }

  void inspect_minari(int index, const Place& demo, std::size_t steps) {
    const std::string name = "episode_" + std::to_string(index);
    const auto group = hdf5::open_group(file_, name);
    if (!group) return report(file_.child(name), "want a group, found none");
    const Place episode{group->get(), file_.child(name)};
    want_equal(episode.name + "@id", static_cast<std::int64_t>(index),
               need(episode, "id", "integer", hdf5::read_integer));
    want_equal(episode.name + "@total_steps", static_cast<std::int64_t>(steps),
               need(episode, "total_steps", "integer", hdf5::read_integer));
    const EpisodeSummary summary = reader_.summary(index);
    want_equal(episode.name + "@seed", summary.seed, need(episode, "seed", "integer", hdf5::read_unsigned));
    using Link = std::pair<const char*, const char*>;
    std::vector<Link> links{{"actions", "actions"}, {"rewards", "rewards"}, {"infos", "infos"}};
    if (reader_.header().images.fields.empty()) {
      links.emplace_back("obs", "observations");
    } else {
      inspect_minari_fields(demo, episode);
    }
    for (const auto& [ours, theirs] : links) {
      if (!hdf5::is_same_object(demo, ours, episode, theirs)) {
        report(episode.child(theirs),
               "want a hard link to " + demo.child(ours) + ", found another object or none");
      }
    }
    want_array(episode, "terminations", Store::kBool, steps, 0);
    want_array(episode, "truncations", Store::kBool, steps, 0);
    inspect_last_only(episode, "terminations", summary.terminated);
    inspect_last_only(episode, "truncations", summary.truncated);
  }

  /// Beside images the observations are a group of its own, with the low-dimensional ones alone.
  void inspect_minari_fields(const Place& demo, const Place& episode) {
    const auto obs_group = hdf5::open_group(demo, "obs");
    const auto group = hdf5::open_group(episode, "observations");
    if (!obs_group || !group) return report(episode.child("observations"), "want a group, found none");
    const Place obs{obs_group->get(), demo.child("obs")};
    const Place observations{group->get(), episode.child("observations")};
    const std::vector<Field>& fields = reader_.header().observation.fields();
    for (const Field& field : fields) {
      if (!hdf5::is_same_object(obs, field.name, observations, field.name)) {
        report(observations.child(field.name),
               "want a hard link to " + obs.child(field.name) + ", found another object or none");
      }
    }
    if (hdf5::link_names(observations).size() != fields.size()) {
      report(observations.name, "want fields of the observation space only, found others");
    }
  }

  void inspect_masks() {
    const auto group = hdf5::open_group(file_, "mask");
    if (!group) return report(file_.child("mask"), "want a group, found none");
    const Place mask{group->get(), file_.child("mask")};
    std::vector<int> train;
    std::vector<int> valid;
    for (const auto& [key, target] : {std::pair{"train", &train}, std::pair{"valid", &valid}}) {
      if (!hdf5::has_link(mask, key)) continue;
      try {
        *target = reader_.mask(key);
      } catch (const Error& error) {
        lines_.emplace_back(error.what());
        continue;
      }
      const auto array = hdf5::open_array(mask, key);
      const Handle type(H5Dget_type(array->dataset.get()), H5Tclose);
      if (H5Tis_variable_str(type.get()) > 0) {
        report(mask.child(key), "want strings of fixed length, found variable ones");
      }
      for (const int index : *target) {
        const EpisodeSummary summary = reader_.summary(index);
        if (!summary.success || summary.recovered) {
          report(mask.child(key),
                 "want successful, complete demonstrations only, found " + reader_.name(index));
        }
      }
    }
    for (const int index : train) {
      if (std::binary_search(valid.begin(), valid.end(), index)) {
        report(mask.name,
               "want train and valid without a common demonstration, found " + reader_.name(index));
      }
    }
  }

  void inspect_root() {
    for (const std::string& name : hdf5::link_names(file_)) {
      if (name == "data" || name == "mask" || name == "understudy") continue;
      int number = -1;
      if (name.rfind("episode_", 0) == 0) std::from_chars(name.data() + 8, name.data() + name.size(), number);
      if (number < 0 || number >= reader_.size() || name != "episode_" + std::to_string(number)) {
        report(file_.child(name),
               "want data, mask, understudy and one episode_<number> per demonstration, found "
               "another object");
      }
    }
  }

  const DemonstrationReader& reader_;
  Handle file_handle_;
  Place file_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> validate(const std::filesystem::path& file) {
  try {
    const DemonstrationReader reader(file);
    if (!reader.is_ours()) {
      return {file.string() + ":/understudy: want a group, found none; another program wrote this file"};
    }
    return Inspector(reader, hdf5::open_file(file), file.string()).inspect();
  } catch (const Error& error) {
    return {error.what()};
  }
}

}  // namespace understudy
