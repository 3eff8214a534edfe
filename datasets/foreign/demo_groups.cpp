#include "datasets/foreign/demo_groups.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using hdf5::Place;

/// What the file says of success: an attribute, else whether the last of `dones` is set.
std::optional<bool> success_of(const Place& demo, std::size_t steps) {
  if (const auto said = hdf5::read_bool(demo, "success")) return said;
  const std::vector<double> dones = read_numbers(demo, "dones", steps);
  return dones.empty() ? std::nullopt : std::optional(dones.back() != 0);
}

}  // namespace

DemoGroups::DemoGroups(const std::filesystem::path& file, std::string format, const std::string& observations)
    : file_(file), handle_(hdf5::open_file(file)), observation_name_(observations) {
  description_.format = std::move(format);
  auto data = hdf5::open_group({handle_.get(), file.string() + ":"}, "data");
  if (!data) throw Error(file.string() + ": want episodes in /data/demo_0, ..., found no group /data");
  data_ = std::move(*data);
  names_ = numbered_groups(this->data(), "demo_");
  if (names_.empty()) throw Error(this->data().name + ": want at least one group demo_<number>, found none");
  describe();
}

void DemoGroups::describe() {
  const auto group = hdf5::open_group(data(), names_.front());
  const Place demo{group ? group->get() : -1, data().child(names_.front())};
  if (!group) throw Error(demo.name + ": want a group, found something else");
  actions_ = ArrayColumns(demo, "actions");
  if (!hdf5::has_link(demo, observation_name_)) {
    throw Error(demo.child(observation_name_) +
                ": want what the actor was given, found none: extract observations first, as robomimic's "
                "dataset_states_to_obs.py does");
  }
  observations_ = ArrayColumns(demo, observation_name_);
  description_.action = actions_.fields();
  description_.observation = observations_.fields();
  say_left_out(description_.words, observations_.left_out());
  say_left_out(description_.words, actions_.left_out());
  describe_environment();
  read_masks();

  const std::size_t steps = actions_.rows(demo);
  const bool next = hdf5::open_group(demo, "next_obs").has_value();
  const bool dropped = observations_.rows(demo) == steps && !next;
  if (dropped) {
    description_.words.emplace_back(
        "what the last action of an episode led to was not recorded: it is left out, and its reward");
  }
  if (observation_name_ == "states") return;
  const auto states = hdf5::open_array(demo, "states");
  if (!states || states->shape.size() != 2 || states->shape[1] == 0) return;
  if (states->shape[0] == steps + (dropped ? 0 : 1)) {
    states_ = ArrayColumns(demo, "states");
    description_.state_dim = states_.size();
  } else {
    description_.words.emplace_back("left out: states, of which none follows the last action");
  }
}

void DemoGroups::describe_environment() {
  auto text = hdf5::read_text(data(), "env_args");
  if (!text) text = hdf5::read_text(data(), "env_info");
  const auto json = parsed_json(text.value_or(""));
  if (!json.is_object()) return;
  if (json.contains("env_name") && json["env_name"].is_string()) description_.task = json["env_name"];
  if (!json.contains("env_kwargs") || !json["env_kwargs"].is_object()) return;
  const auto& kwargs = json["env_kwargs"];
  for (const char* name : {"control_freq", "control_rate"}) {
    if (kwargs.contains(name) && kwargs[name].is_number()) description_.control_rate = kwargs[name];
  }
  if (kwargs.contains("horizon") && kwargs["horizon"].is_number_integer()) {
    const auto steps = kwargs["horizon"].get<std::int64_t>();
    if (steps > 0 && steps <= 1'000'000'000) description_.horizon = static_cast<int>(steps);
  }
}

void DemoGroups::read_masks() {
  const Place root{handle_.get(), file_.string() + ":"};
  const auto group = hdf5::open_group(root, "mask");
  if (!group) return;
  const Place masks{group->get(), root.child("mask")};
  for (const std::string& key : hdf5::link_names(masks)) {
    std::vector<int>& listed = description_.masks[key];
    for (const std::string& name : hdf5::read_names(masks, key)) {
      const auto found = std::find(names_.begin(), names_.end(), name);
      if (found == names_.end())
        throw Error(masks.child(key) + ": want names of demonstrations, found '" + name + "'");
      listed.push_back(static_cast<int>(found - names_.begin()));
    }
    std::sort(listed.begin(), listed.end());
    listed.erase(std::unique(listed.begin(), listed.end()), listed.end());
  }
}

ForeignEpisode DemoGroups::read(int index) const {
  const std::string& name = names_.at(static_cast<std::size_t>(index));
  const auto group = hdf5::open_group(data(), name);
  const Place demo{group ? group->get() : -1, data().child(name)};
  if (!group) throw Error(demo.name + ": want a group, found something else");
  ForeignEpisode episode{.place = demo.name};
  const std::size_t recorded = actions_.rows(demo);
  const std::size_t rows = observations_.rows(demo);
  const auto next_group = hdf5::open_group(demo, "next_obs");
  if (rows != recorded + 1 && rows != recorded) {
    throw Error(demo.child(observation_name_) + ": want " + std::to_string(recorded) + " or " +
                std::to_string(recorded + 1) + " rows to match " + std::to_string(recorded) +
                " actions, found " + std::to_string(rows));
  }
  const bool next = rows == recorded && next_group && recorded > 0;
  const std::size_t steps =
      rows > recorded || next ? recorded : recorded - std::min<std::size_t>(recorded, 1);
  if (steps == 0) {
    throw Error(demo.name + ": want at least one action and what it led to, found " +
                std::to_string(recorded) + " actions and " + std::to_string(rows) +
                " observations; take the episode out");
  }
  episode.actions = actions_.read(demo, recorded, 0, steps);
  episode.observations = observations_.read(demo, rows, 0, next ? rows : steps + 1);
  if (next) {
    episode.observations.conservativeResize(static_cast<Eigen::Index>(rows + 1), Eigen::NoChange);
    episode.observations.bottomRows(1) = observations_.read_in(demo, "next_obs", rows, rows - 1, 1);
  }
  episode.rewards = read_numbers(demo, "rewards", recorded);
  if (!episode.rewards.empty()) episode.rewards.resize(steps);
  if (description_.state_dim > 0) episode.states = states_.read(demo, states_.rows(demo), 0, steps + 1);
  episode.seed = hdf5::read_unsigned(demo, "seed").value_or(0);
  const bool whole = steps == recorded;  // an end that is cut off is no end
  const auto terminated = hdf5::read_bool(demo, "terminated");
  episode.terminated = whole && terminated.value_or(false);
  episode.truncated = !whole || hdf5::read_bool(demo, "truncated").value_or(!terminated);
  episode.success = only_successes_ ? std::optional(true) : success_of(demo, recorded);
  episode.operator_name = hdf5::read_text(demo, "operator").value_or("");
  return episode;
}

}  // namespace understudy
