#include "datasets/foreign/conversion.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/episode_layout.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/guarded.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

using hdf5::Place;

constexpr double kRoundedOne = 1 + 8 * static_cast<double>(std::numeric_limits<float>::epsilon());
/// Bytes of HDF5's own structures for an episode, whatever its length: arrays, attributes, links.
constexpr std::uintmax_t kEpisodeOverhead = 32 << 10;
constexpr std::uintmax_t kFileOverhead = 1 << 20;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// Name of the foreign field that entry `entry` belongs to.
std::string field_at(const std::vector<ForeignField>& fields, int entry) {
  for (const ForeignField& field : fields) {
    if (entry < field.size) return field.name + (field.size > 1 ? "[" + std::to_string(entry) + "]" : "");
    entry -= field.size;
  }
  return "?";
}

/// Turns episodes of one source into ours.
class Converter {
 public:
  Converter(const EpisodeSource& source, const FieldMap& map, const ConversionOptions& options)
      : source_(source), map_(map), options_(options) {}

  Episode convert(int index, Conversion& report) const {
    const ForeignEpisode theirs = source_.read(index);
    Episode ours;
    const Eigen::Index steps = theirs.actions.rows();
    if (theirs.observations.rows() != steps + 1 ||
        (theirs.states.rows() > 0 && theirs.states.rows() != steps + 1)) {
      throw Error(theirs.place + ": want an observation more than actions, found " +
                  std::to_string(theirs.observations.rows()) + " and " + std::to_string(steps));
    }
    const ForeignDescription& foreign = source_.description();
    ours.observations.resize(steps + 1, static_cast<Eigen::Index>(map_.observation.size()));
    for (Eigen::Index row = 0; row <= steps; ++row) {
      for (std::size_t i = 0; i < map_.observation.size(); ++i) {
        const int entry = map_.observation[i];
        ours.observations(row, static_cast<Eigen::Index>(i)) =
            single(theirs.observations(row, entry), theirs.place, foreign.observation, entry, row, report);
      }
    }
    ours.actions.resize(steps, static_cast<Eigen::Index>(map_.action.size()));
    for (Eigen::Index row = 0; row < steps; ++row) {
      for (std::size_t i = 0; i < map_.action.size(); ++i)
        ours.actions(row, static_cast<Eigen::Index>(i)) = action(theirs, foreign, row, i, report);
    }
    ours.rewards.assign(static_cast<std::size_t>(steps), 0.0F);
    const std::vector<ForeignField> reward{{"rewards", 1}};
    for (std::size_t t = 0; t < theirs.rewards.size() && t < ours.rewards.size(); ++t) {
      ours.rewards[t] =
          single(theirs.rewards[t], theirs.place, reward, 0, static_cast<Eigen::Index>(t), report);
    }
    if (map_.header.state_dim > 0) {
      ours.states = theirs.states;
      if (!ours.states.allFinite())
        throw Error(theirs.place + "/states: want finite values, found NaN or infinity");
    }
    ours.seed = theirs.seed;
    ours.terminated = theirs.terminated;
    ours.truncated = theirs.truncated;
    ours.success = theirs.success.value_or(options_.successful);
    report.unknown += theirs.success ? 0 : 1;
    ours.operator_name = theirs.operator_name;
    return ours;
  }

 private:
  static float single(double value, const std::string& place, const std::vector<ForeignField>& fields,
                      int entry, Eigen::Index row, Conversion& report) {
    const auto nearest = static_cast<float>(value);
    if (!std::isfinite(nearest)) {
      throw Error(place + ": " + field_at(fields, entry) +
                  ": want finite values that float32 can hold, found " + number(value) + " in row " +
                  std::to_string(row));
    }
    report.rounded = report.rounded || static_cast<double>(nearest) != value;
    return nearest;
  }

  float action(const ForeignEpisode& theirs, const ForeignDescription& foreign, Eigen::Index row,
               std::size_t i, Conversion& report) const {
    const int entry = map_.action[i];
    double value = theirs.actions(row, entry);
    const bool scaled = options_.scale && (options_.scale->scale[i] != 1 || options_.scale->offset[i] != 0);
    if (scaled) value = (value - options_.scale->offset[i]) / options_.scale->scale[i];
    if (std::abs(value) > 1 && std::abs(value) <= kRoundedOne) value = std::copysign(1.0, value);
    if (std::abs(value) > 1) {
      throw Error(theirs.place + ": " + field_at(foreign.action, entry) +
                  ": want actions in [-1, 1], found " + number(value) + " in row " + std::to_string(row) +
                  "; " + (scaled ? "the scale does not fit" : "map them there with --rescale"));
    }
    Conversion ignored;  // what a scale makes of numbers is rounded in any case
    return single(value, theirs.place, foreign.action, entry, row, scaled ? ignored : report);
  }

  const EpisodeSource& source_;
  const FieldMap& map_;
  const ConversionOptions& options_;
};

std::string source_to_json(const ForeignDescription& foreign, const fs::path& file) {
  nlohmann::ordered_json json{{"format", foreign.format}, {"file", file.filename().string()}};
  if (!foreign.task.empty()) json["task"] = foreign.task;
  if (fs::is_regular_file(file)) json["sha256"] = file_sha256(file);
  const auto list = [](const std::vector<ForeignField>& fields) {
    auto names = nlohmann::ordered_json::array();
    for (const ForeignField& field : fields) names.push_back({{"name", field.name}, {"size", field.size}});
    return names;
  };
  json["observation"] = list(foreign.observation);
  json["action"] = list(foreign.action);
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The lists of the file, `train` and `valid` without what failed.
NamedMasks masks_of(const ForeignDescription& foreign, const std::vector<int>& usable,
                    std::vector<std::string>& words) {
  NamedMasks masks = foreign.masks;
  const bool split = masks.contains("train");
  for (const char* name : {"train", "valid"}) {
    if (!masks.contains(name)) continue;
    const auto before = masks[name].size();
    std::erase_if(masks[name], [&](int i) { return !std::binary_search(usable.begin(), usable.end(), i); });
    if (masks[name].size() < before) {
      words.push_back(std::string("mask ") + name + ": " + std::to_string(before - masks[name].size()) +
                      " episodes that are not known to have succeeded are left out");
    }
  }
  if (!split) {
    const Masks own = split_masks(usable);
    masks["train"] = own.train;
    masks["valid"] = own.valid;
  }
  std::erase_if(masks, [](const auto& mask) { return mask.second.empty(); });
  return masks;
}

DatasetIndex fill(const EpisodeSource& source, const FieldMap& map, const DatasetHeader& header,
                  const ConversionOptions& options, const Place& target, Conversion& report) {
  hdf5::create_group(target, "data");
  DatasetIndex index{.header = header};
  const Converter converter(source, map, options);
  std::vector<int> usable;
  for (int i = 0; i < source.size(); ++i) {
    const Episode episode = converter.convert(i, report);
    write_episode(target, i, episode, header.observation, {.recovered = false, .device = header.device});
    index.checksums.push_back(episode_sha256(episode));
    index.total_steps += episode.length();
    if (episode.success) usable.push_back(i);
    if (options.progress) print_from_guarded([&] { options.progress(i + 1, source.size()); });
  }
  report.episodes = source.size();
  report.successes = static_cast<int>(usable.size());
  report.steps = index.total_steps;
  index.masks = masks_of(source.description(), usable, report.words);
  write_index(target, index);
  return index;
}

/// What the child that writes found out, for its parent.
std::string to_text(const Conversion& report) {
  return nlohmann::json{report.episodes, report.successes, report.unknown,
                        report.steps,    report.rounded,   report.words}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Conversion from_text(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  return {.episodes = json[0],
          .successes = json[1],
          .unknown = json[2],
          .steps = json[3],
          .rounded = json[4],
          .words = json[5].get<std::vector<std::string>>()};
}

/// Bytes of a file or of all in a folder.
std::uintmax_t bytes_of(const fs::path& file) {
  if (!fs::is_directory(file)) return fs::file_size(file);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(file))
    bytes += entry.is_regular_file() ? entry.file_size() : 0;
  return bytes;
}

}  // namespace

std::string action_scale_to_json(const ActionScale& scale) {
  if (scale.scale.empty()) return "";
  return nlohmann::ordered_json{{"scale", scale.scale}, {"offset", scale.offset}}.dump();
}

ActionScale action_scale_from_json(const std::string& text, int entries, const std::string& place) {
  const auto json = parsed_json(text);
  ActionScale scale;
  const auto read = [&](const char* key, std::vector<double>& values) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_array()) return false;
    for (const auto& value : json[key]) values.push_back(value.is_number() ? value.get<double>() : NAN);
    return static_cast<int>(values.size()) == entries &&
           std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  };
  if (!read("scale", scale.scale) || !read("offset", scale.offset) ||
      std::any_of(scale.scale.begin(), scale.scale.end(), [](double v) { return v <= 0; })) {
    throw Error(place + ": want a scale above 0 and an offset for each of " + std::to_string(entries) +
                " action entries, found something else");
  }
  return scale;
}

ActionScale find_action_scale(const EpisodeSource& source, const FieldMap& map,
                              const ProgressCall& progress) {
  const ForeignDescription& foreign = source.description();
  const auto entries = map.action.size();
  std::vector<double> low(entries, std::numeric_limits<double>::infinity());
  std::vector<double> high(entries, -std::numeric_limits<double>::infinity());
  for (int i = 0; i < source.size(); ++i) {
    const ForeignEpisode episode = source.read(i);
    for (std::size_t entry = 0; entry < entries; ++entry) {
      const auto column = episode.actions.col(map.action[entry]);
      if (!column.allFinite()) {
        throw Error(episode.place + ": " + field_at(foreign.action, map.action[entry]) +
                    ": want finite values, found NaN or infinity");
      }
      low[entry] = std::min(low[entry], column.minCoeff());
      high[entry] = std::max(high[entry], column.maxCoeff());
    }
    if (progress) progress(i + 1, source.size());
  }
  ActionScale scale{.scale = std::vector<double>(entries, 1.0), .offset = std::vector<double>(entries, 0.0)};
  for (std::size_t entry = 0; entry < entries; ++entry) {
    const auto theirs = static_cast<std::size_t>(map.action[entry]);
    if (!foreign.low.empty() && std::isfinite(foreign.low[theirs]) && std::isfinite(foreign.high[theirs]) &&
        foreign.low[theirs] <= low[entry] && foreign.high[theirs] >= high[entry]) {
      low[entry] = foreign.low[theirs];
      high[entry] = foreign.high[theirs];
    }
    if (low[entry] >= -kRoundedOne && high[entry] <= kRoundedOne) continue;
    scale.offset[entry] = low[entry] / 2 + high[entry] / 2;
    scale.scale[entry] = high[entry] > low[entry] ? high[entry] / 2 - low[entry] / 2 : 1;
  }
  return scale;
}

Conversion convert(const EpisodeSource& source, const FieldMap& map, const fs::path& source_file,
                   const fs::path& file, const ConversionOptions& options) {
  const DatasetPaths paths(file);
  if (fs::exists(paths.file) && fs::equivalent(paths.file, source_file))
    throw UsageError("--out: want another file than the one that is converted, found " + file.string());
  want_writable(paths.file, options.force);
  DatasetHeader header = map.header;
  header.device = source.description().format;
  header.program_version = program_version();
  header.source = source_to_json(source.description(), source_file);
  header.action_scale = action_scale_to_json(options.scale.value_or(ActionScale{}));

  const DirectoryLock lock(paths.parts, paths.file.string() + ": another process records into this file");
  const fs::path temporary = paths.parts / "convert.tmp";
  const fs::path notes = paths.parts / "convert.json";
  DatasetIndex index;
  // Files hold what was packed; room for what it unpacks to is not known, so a full disk is met while writing.
  const std::uintmax_t room =
      kFileOverhead + bytes_of(source_file) + static_cast<std::uintmax_t>(source.size()) * kEpisodeOverhead;
  hdf5::write_file(
      temporary, room,
      [&](const Place& place) {
        Conversion report;
        index = fill(source, map, header, options, place, report);
        durable_write(notes, to_text(report));
      },
      [&](const Place& place) { return has_checksums(place, index); });
  Conversion report = from_text(read_file(notes));
  remove_file(notes);
  if (fs::exists(paths.file)) keep_rights(paths.file, temporary);
  durable_rename(temporary, paths.file);
  return report;
}

}  // namespace understudy
