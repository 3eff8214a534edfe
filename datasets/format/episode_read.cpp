#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/format/episode_layout.h"
#include "datasets/format/space_json.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using hdf5::Array;
using hdf5::Place;
using hdf5::Store;

/// Eight float32 steps above 1: what a division by the largest entry or a conversion may leave.
constexpr float kRoundedOne = 1 + 8 * std::numeric_limits<float>::epsilon();

std::string need_text(const Place& group, const std::string& attribute) {
  auto text = hdf5::read_text(group, attribute);
  if (!text) throw Error(group.name + ": want a text attribute " + attribute + ", found none");
  return std::move(*text);
}

int need_integer(const Place& group, const std::string& attribute) {
  const auto value = hdf5::read_integer(group, attribute);
  if (!value) throw Error(group.name + ": want an integer attribute " + attribute + ", found none");
  return static_cast<int>(*value);
}

Array need_array(const Place& parent, const std::string& name) {
  auto array = hdf5::open_array(parent, name);
  if (!array) throw Error(parent.child(name) + ": want an array, found none");
  return std::move(*array);
}

[[noreturn]] void throw_shape(const Array& array, const std::string& want) {
  throw Error(array.place + ": want " + want + ", found " + array.shape_text());
}

std::string rows_text(std::size_t rows, std::size_t columns) {
  std::string text = "[";
  text += std::to_string(rows) + ", " + std::to_string(columns) + "]";
  return text;
}

/// A single entry may also be stored as [rows].
bool has_columns(const Array& array, std::size_t columns) {
  return (array.shape.size() == 2 && array.shape[1] == columns) || (array.shape.size() == 1 && columns == 1);
}

Matrix read_matrix(const Array& array) {
  array.want_possible();
  Matrix matrix(static_cast<Eigen::Index>(array.shape[0]),
                array.shape.size() == 2 ? static_cast<Eigen::Index>(array.shape[1]) : 1);
  if (matrix.size() > 0) array.read(Store::kFloat32, matrix.data());
  return matrix;
}

/// [steps] entries of `name`, or none when there is no such array.
template <class Entry>
std::vector<Entry> read_column(const Place& parent, const std::string& name, Store store, std::size_t steps) {
  const auto array = hdf5::open_array(parent, name);
  if (!array) return {};
  const bool column = array->shape.size() == 2 && array->shape[1] == 1;
  if ((array->shape.size() != 1 && !column) || array->shape[0] != steps) {
    throw_shape(*array, "[" + std::to_string(steps) + "] to match the actions");
  }
  array->want_possible();
  std::vector<Entry> values(steps);
  array->read(store, values.data());
  return values;
}

void read_info(const Place& demo, std::size_t steps, StepInfo& info) {
  const auto group = hdf5::open_group(demo, "infos");
  if (!group) return;
  const Place infos{group->get(), demo.child("infos")};
  info.timestamp = read_column<double>(infos, "timestamp", Store::kFloat64, steps);
  info.input_age = read_column<double>(infos, "input_age", Store::kFloat64, steps);
  info.overrun = read_column<std::uint8_t>(infos, "overrun", Store::kBool, steps);
  info.intervention = read_column<std::uint8_t>(infos, "intervention", Store::kBool, steps);
  info.doubt = read_column<float>(infos, "doubt", Store::kFloat32, steps);
  for (const auto& [name, target] : {std::pair{"axes", &info.axes}, std::pair{"buttons", &info.buttons}}) {
    const auto array = hdf5::open_array(infos, name);
    if (!array) continue;
    if (array->shape.size() != 2 || array->shape[0] != steps) {
      throw_shape(*array, "[" + std::to_string(steps) + ", n] to match the actions");
    }
    *target = read_matrix(*array);
  }
}

/// Shape of the observation arrays: [T + 1], or [T] in files of others.
struct ObservationRows {
  std::size_t stored = 0;
  bool next_obs = false;  ///< the last observation is the last row of next_obs
  std::size_t total() const { return stored + (next_obs ? 1 : 0); }
};

ObservationRows observation_rows(const Place& demo, const Array& first, std::size_t steps, bool strict) {
  ObservationRows rows;
  rows.stored = first.shape.empty() ? 0 : static_cast<std::size_t>(first.shape[0]);
  if (rows.stored == steps + 1) return rows;
  if (strict || rows.stored != steps) {
    throw_shape(first, std::to_string(steps + 1) + " rows to match " + std::to_string(steps) + " actions");
  }
  rows.next_obs = hdf5::open_group(demo, "next_obs").has_value();
  return rows;
}

Matrix read_observations(const Place& demo, const Space& space, const std::vector<std::string>& keys,
                         std::size_t steps, bool strict) {
  const auto obs_group = hdf5::open_group(demo, "obs");
  if (!obs_group) throw Error(demo.child("obs") + ": want a group of observations, found none");
  const Place obs{obs_group->get(), demo.child("obs")};
  const ObservationRows rows = observation_rows(demo, need_array(obs, keys.front()), steps, strict);
  const auto next_group = rows.next_obs ? hdf5::open_group(demo, "next_obs") : std::nullopt;

  Matrix observations(static_cast<Eigen::Index>(rows.total()), space.size());
  Eigen::Index offset = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto columns = static_cast<std::size_t>(space.fields()[i].size);
    const auto width = static_cast<Eigen::Index>(columns);
    const auto read = [&](const Place& parent) {
      const Array array = need_array(parent, keys[i]);
      if (!has_columns(array, columns) || array.shape[0] != rows.stored) {
        throw_shape(array, rows_text(rows.stored, columns));
      }
      return read_matrix(array);
    };
    observations.block(0, offset, static_cast<Eigen::Index>(rows.stored), width) = read(obs);
    if (next_group) {
      observations.block(observations.rows() - 1, offset, 1, width) =
          read({next_group->get(), demo.child("next_obs")}).bottomRows(1);
    }
    offset += width;
  }
  return observations;
}

void read_states(const Place& demo, int state_dim, std::size_t steps, bool strict, StateMatrix& states) {
  const auto array = hdf5::open_array(demo, "states");
  if (!array) return;
  const auto columns = static_cast<std::size_t>(state_dim);
  if (array->shape.size() != 2 || array->shape[0] != steps + 1 || array->shape[1] != columns) {
    if (!strict) return;
    throw_shape(*array, rows_text(steps + 1, columns));
  }
  array->want_possible();
  states.resize(static_cast<Eigen::Index>(steps + 1), state_dim);
  array->read(Store::kFloat64, states.data());
}

/// First row of `values` with an entry that is not finite; -1 when there is none.
template <class Derived>
Eigen::Index bad_row(const Eigen::DenseBase<Derived>& values) {
  if (values.derived().allFinite()) return -1;
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    if (!values.derived().row(row).allFinite()) return row;
  }
  return -1;
}

template <class Derived>
void check_finite(const Eigen::DenseBase<Derived>& values, const std::string& place) {
  const Eigen::Index row = bad_row(values);
  if (row < 0) return;
  throw Error(place + ": want finite values, found NaN or infinity in row " + std::to_string(row));
}

/// Others' files have actions that rounding has put just outside.
void clamp_rounding(Matrix& actions) {
  const auto rounded = [](float value) {
    return std::abs(value) > 1 && std::abs(value) <= kRoundedOne ? std::copysign(1.0F, value) : value;
  };
  actions = actions.unaryExpr(rounded);
}

template <class Entry>
auto as_column(const std::vector<Entry>& values) {
  return Eigen::Map<const Eigen::Matrix<Entry, Eigen::Dynamic, 1>>(values.data(),
                                                                   static_cast<Eigen::Index>(values.size()));
}

}  // namespace

std::string field_name(const std::string& key) {
  std::string name;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return name;
}

DatasetHeader read_header(const Place& file) {
  const auto group = hdf5::open_group(file, "understudy");
  if (!group) throw Error(file.child("understudy") + ": want a group, found none");
  const Place ours{group->get(), file.child("understudy")};
  const int schema = need_integer(ours, "schema_version");
  if (schema > kSchemaVersion) {
    throw Error(ours.name + ": want schema_version " + std::to_string(kSchemaVersion) + " or lower, found " +
                std::to_string(schema) + "; a newer understudy wrote this file");
  }
  DatasetHeader header;
  header.environment_id = need_text(ours, "environment_id");
  header.observation = space_from_json(need_text(ours, "observation_space"), ours.child("observation_space"));
  header.action = space_from_json(need_text(ours, "action_space"), ours.child("action_space"));
  header.state_dim = need_integer(ours, "state_dim");
  const auto rate = hdf5::read_real(ours, "control_rate");
  if (!rate) throw Error(ours.name + ": want a number attribute control_rate, found none");
  header.control_rate = *rate;
  header.substeps = need_integer(ours, "substeps");
  header.horizon = need_integer(ours, "horizon");
  header.device = need_text(ours, "device");
  header.binding = need_text(ours, "binding");
  header.program_version = need_text(ours, "program_version");
  header.robot_sha256 = hdf5::read_text(ours, "robot_sha256").value_or("");
  header.source = hdf5::read_text(ours, "source").value_or("");
  header.action_scale = hdf5::read_text(ours, "action_scale").value_or("");
  if (const auto images = hdf5::read_text(ours, "images")) {
    header.images = image_header_from_json(*images, ours.child("images"));
  }
  if (header.observation.size() == 0 || header.action.size() == 0 || header.state_dim < 0) {
    throw Error(ours.name + ": want spaces with entries and a state_dim of at least 0, found others");
  }
  return header;
}

DatasetHeader guess_header(const Place& data, const Place& demo, std::vector<std::string>& skipped) {
  DatasetHeader header;
  if (const auto text = hdf5::read_text(data, "env_args")) {
    const auto json = parsed_json(*text);
    if (json.is_object() && json.contains("env_name") && json["env_name"].is_string()) {
      header.environment_id = json["env_name"].get<std::string>();
    }
    if (json.is_object() && json.contains("env_kwargs") && json["env_kwargs"].is_object()) {
      const auto& kwargs = json["env_kwargs"];
      if (kwargs.contains("control_freq") && kwargs["control_freq"].is_number()) {
        header.control_rate = kwargs["control_freq"].get<double>();
      }
      if (kwargs.contains("horizon") && kwargs["horizon"].is_number_integer()) {
        header.horizon = kwargs["horizon"].get<int>();
      }
    }
  }
  const Array actions = need_array(demo, "actions");
  if (actions.shape.size() != 2 || actions.shape[1] == 0) throw_shape(actions, "[T, entries]");
  header.action = Space({Field{.name = "action",
                               .size = static_cast<int>(actions.shape[1]),
                               .unit = "-",
                               .low = -1,
                               .high = 1,
                               .meaning = "as recorded"}});
  const auto obs_group = hdf5::open_group(demo, "obs");
  if (!obs_group) {
    throw Error(demo.child("obs") +
                ": want a group of observations, found none; extract observations first, or "
                "bring the file in with `understudy data convert`");
  }
  const Place obs{obs_group->get(), demo.child("obs")};
  std::vector<Field> fields;
  for (const std::string& key : hdf5::link_names(obs)) {
    std::optional<Array> array;
    try {
      array = hdf5::open_array(obs, key);
    } catch (const Error&) {  // in another file, or damaged: left out like what is no list of numbers
      array.reset();
    }
    if (!array || array->shape.empty() || array->shape.size() > 2 ||
        (array->shape.size() == 2 && array->shape[1] == 0) || array->type_class() == H5T_STRING) {
      skipped.push_back(key);
      continue;
    }
    fields.push_back({.name = field_name(key),
                      .size = array->shape.size() == 2 ? static_cast<int>(array->shape[1]) : 1,
                      .unit = "-",
                      .meaning = "as recorded"});
  }
  if (fields.empty())
    throw Error(obs.name + ": want low-dimensional observations [rows, entries], found none");
  header.observation = Space(std::move(fields));
  if (const auto states = hdf5::open_array(demo, "states"); states && states->shape.size() == 2) {
    header.state_dim = static_cast<int>(states->shape[1]);
  }
  return header;
}

EpisodeSummary read_summary(const Place& demo) {
  EpisodeSummary summary;
  if (const auto steps = hdf5::read_integer(demo, "num_samples")) {
    summary.steps = static_cast<int>(*steps);
  } else if (const auto actions = hdf5::open_array(demo, "actions"); actions && !actions->shape.empty()) {
    summary.steps = static_cast<int>(actions->shape[0]);
  }
  summary.seed = hdf5::read_unsigned(demo, "seed").value_or(0);
  const auto terminated = hdf5::read_bool(demo, "terminated");
  const auto truncated = hdf5::read_bool(demo, "truncated");
  summary.terminated = terminated.value_or(false);
  summary.truncated = truncated.value_or(!terminated);
  if (const auto success = hdf5::read_bool(demo, "success")) {
    summary.success = *success;
  } else if (const auto dones = hdf5::open_array(demo, "dones"); dones && dones->shape.size() == 1) {
    dones->want_possible();
    std::vector<double> values(static_cast<std::size_t>(dones->shape[0]));
    if (!values.empty()) {
      dones->read(Store::kFloat64, values.data());
      summary.success = values.back() != 0;
    }
  }
  summary.recovered = hdf5::read_bool(demo, "recovered").value_or(false);
  summary.operator_name = hdf5::read_text(demo, "operator").value_or("");
  summary.device = hdf5::read_text(demo, "device").value_or("");
  summary.variation = hdf5::read_text(demo, "variation").value_or("");
  summary.recording = hdf5::read_text(demo, "recording").value_or("");
  return summary;
}

Episode read_episode(const Place& demo, const DatasetHeader& header, const std::vector<std::string>& keys,
                     bool strict, const ReadOptions& options) {
  const Array actions = need_array(demo, "actions");
  const auto act_dim = static_cast<std::size_t>(header.action.size());
  if (actions.shape.size() != 2 || actions.shape[1] != act_dim || actions.shape[0] == 0) {
    throw_shape(actions, "[T, " + std::to_string(act_dim) + "] with at least one row");
  }
  const auto steps = static_cast<std::size_t>(actions.shape[0]);

  Episode episode;
  episode.actions = read_matrix(actions);
  clamp_rounding(episode.actions);
  episode.observations = read_observations(demo, header.observation, keys, steps, strict);
  episode.rewards = read_column<float>(demo, "rewards", Store::kFloat32, steps);
  if (episode.rewards.empty()) {
    if (strict) throw Error(demo.child("rewards") + ": want an array, found none");
    episode.rewards.assign(steps, 0.0F);
  }
  if (options.states) read_states(demo, header.state_dim, steps, strict, episode.states);
  if (options.info) read_info(demo, steps, episode.info);
  const EpisodeSummary summary = read_summary(demo);
  episode.seed = summary.seed;
  episode.terminated = summary.terminated;
  episode.truncated = summary.truncated;
  episode.success = summary.success;
  episode.operator_name = summary.operator_name;
  episode.variation = summary.variation;
  episode.recording = summary.recording;

  if (static_cast<std::size_t>(episode.observations.rows()) == steps) {
    // Nobody recorded what the last action led to.
    if (steps == 1) throw Error(demo.name + ": want two observations at least, found one");
    const auto kept = static_cast<Eigen::Index>(steps - 1);
    episode.actions.conservativeResize(kept, Eigen::NoChange);
    episode.rewards.pop_back();
    episode.states.resize(0, 0);
    episode.info = {};
  }
  check_values(episode, header.observation, demo.name);
  return episode;
}

void check_values(const Episode& episode, const Space& observation, const std::string& place) {
  Eigen::Index offset = 0;
  if (!episode.observations.allFinite()) {
    for (const Field& field : observation.fields()) {
      check_finite(episode.observations.middleCols(offset, field.size), place + "/obs/" + field.name);
      offset += field.size;
    }
  }
  check_finite(episode.actions, place + "/actions");
  check_finite(as_column(episode.rewards), place + "/rewards");
  check_finite(episode.states, place + "/states");
  check_finite(as_column(episode.info.timestamp), place + "/infos/timestamp");
  check_finite(as_column(episode.info.input_age), place + "/infos/input_age");
  check_finite(as_column(episode.info.doubt), place + "/infos/doubt");
  check_finite(episode.info.axes, place + "/infos/axes");
  check_finite(episode.info.buttons, place + "/infos/buttons");
  for (Eigen::Index row = 0; row < episode.actions.rows(); ++row) {
    const float extreme = episode.actions.row(row).cwiseAbs().maxCoeff();
    if (extreme <= 1.0F) continue;
    char found[32];
    std::snprintf(found, sizeof found, "%.9g", static_cast<double>(extreme));
    throw Error(place + "/actions: want values in [-1, 1], found " + found + " (absolute) in row " +
                std::to_string(row));
  }
}

}  // namespace understudy
