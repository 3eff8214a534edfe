#include "irl/runs/rl_run_config.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

/// Calls `field(name, value)` for every option that command line and checkpoint know by the same name.
template <class Config, class Field>
void fields(Config& c, const Field& field) {
  field("env", c.environment);
  field("out", c.out);
  field("data", c.expert.data);
  field("demos", c.expert.demos);
  field("subsample", c.expert.subsample);
  field("all-episodes", c.expert.all_episodes);
  field("rl", c.rl);
  field("warm-start", c.warm_start);
  field("seed", c.seed);
  field("steps", c.steps);
  field("environments", c.environments);
  field("threads", c.threads);
  field("eval-every", c.evaluate_every);
  field("eval-episodes", c.evaluation_episodes);
  field("final-episodes", c.final_episodes);
  field("keep", c.keep);
  field("randomise", c.randomise);
}

std::string quoted(const std::string& text) {
  return ordered_json(text).dump();
}

std::string toml(const RlRunConfig& config, bool with_out) {
  const bool imitates = !config.expert.data.empty();
  std::string text = "# understudy train " + config.learner + "\n";
  fields(config, [&](const std::string& name, const auto& value) {
    const bool expert_only =
        name == "data" || name == "demos" || name == "subsample" || name == "all-episodes";
    if (expert_only && !imitates) return;
    if (name == "rl" && (config.reward == "task")) return;
    if (name == "out" && !with_out) return;
    const std::string dumped = ordered_json(value).dump();
    if (dumped != "\"\"" && dumped != "false") text += name + " = " + dumped + "\n";
  });
  if (config.device != "cpu") text += "device = " + quoted(config.device) + "\n";
  if (config.random_control) text += "control = \"random\"\n";
  for (const auto& [name, value] : config.settings) text += name + " = " + quoted(value) + "\n";
  return text;
}

void want_range(const char* option, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  throw UsageError(std::string("--") + option + ": want a number from " + std::to_string(low) + " to " +
                   std::to_string(high) + ", found " + std::to_string(value));
}

}  // namespace

void validate(const RlRunConfig& c) {
  if (c.environment.empty()) throw UsageError("--env: want a task, found nothing (see: understudy envs)");
  if (c.out.empty()) throw UsageError("--out: want the run directory to make, found nothing");
  want_range("demos", c.expert.demos, 0, 1'000'000);
  want_range("subsample", c.expert.subsample, 1, 1'000'000);
  if (c.seed > 9999)
    throw UsageError("--seed: want a number from 0 to 9999, found " + std::to_string(c.seed));
  want_range("steps", c.steps, 1, 2'000'000'000);
  want_range("environments", c.environments, 1, 4096);
  want_range("threads", c.threads, 1, 64);
  make_mlp_device(c.device);
  want_range("eval-every", c.evaluate_every, 1, 2'000'000'000);
  want_range("eval-episodes", c.evaluation_episodes, 1, 10'000);
  want_range("final-episodes", c.final_episodes, 1, 50'000);
  if (c.keep != "best" && c.keep != "last" && c.keep != "closest")
    throw UsageError(unknown_name("--keep", c.keep, {"best", "closest", "last"}));
  if (c.keep == "closest" && c.expert.data.empty())
    throw UsageError("--keep closest: want demonstrations to be close to, found none; use best or last");
}

std::string to_toml(const RlRunConfig& config) {
  return toml(config, true);
}

std::string to_policy_toml(const RlRunConfig& config) {
  RlRunConfig named = config;
  for (std::string* file : {&named.expert.data, &named.warm_start, &named.randomise}) {
    *file = std::filesystem::path(*file).filename().string();
  }
  return toml(named, false);
}

std::string to_json(const RlRunConfig& config) {
  ordered_json document = {{"learner", config.learner}, {"reward", config.reward}};
  fields(config, [&](const char* name, const auto& value) { document[name] = value; });
  document["device"] = config.device;
  document["random-control"] = config.random_control;
  document["randomisation"] = config.randomisation;
  document["settings"] = ordered_json::object();
  for (const auto& [name, value] : config.settings) document["settings"][name] = value;
  return document.dump(2);
}

RlRunConfig rl_run_config_from_json(const std::string& text, const std::string& place) {
  RlRunConfig config;
  try {
    const auto document = ordered_json::parse(text);
    document.at("learner").get_to(config.learner);
    document.at("reward").get_to(config.reward);
    fields(config, [&](const char* name, auto& value) { document.at(name).get_to(value); });
    config.device = document.value("device", "cpu");  // runs of older versions have none
    document.at("random-control").get_to(config.random_control);
    document.at("randomisation").get_to(config.randomisation);
    for (const auto& [name, value] : document.at("settings").items()) {
      config.settings.emplace_back(name, value.get<std::string>());
    }
  } catch (const ordered_json::exception& error) {
    throw Error(place + ": options of the run cannot be read: " + error.what());
  }
  return config;
}

}  // namespace understudy
