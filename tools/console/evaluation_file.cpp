#include "tools/console/evaluation_file.h"

#include <nlohmann/json.hpp>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy::tools {
namespace {

using Json = nlohmann::json;

EvaluatedPolicy ours(const Json& policy, const std::string& environment) {
  EvaluatedPolicy evaluated{policy.at("policy").get<std::string>(), environment, {}};
  for (const Json& each : policy.at("outcomes")) {
    EpisodeOutcome outcome;
    outcome.seed = each.at("seed").get<std::uint64_t>();
    outcome.success = each.at("success").is_boolean() && each.at("success").get<bool>();
    outcome.episode_return = each.at("return").get<double>();
    outcome.best_reward = each.value("best_reward", 0.0);
    outcome.length = each.value("length", 0);
    evaluated.outcomes.push_back(std::move(outcome));
  }
  return evaluated;
}

/// LeRobot's list of episodes, as evaluations of one task have it.
EvaluatedPolicy of_episodes(const Json& episodes, const std::string& name) {
  EvaluatedPolicy evaluated{name, "", {}};
  for (const Json& each : episodes) {
    EpisodeOutcome outcome;
    outcome.seed = each.value("seed", Json()).is_number_unsigned() ? each.at("seed").get<std::uint64_t>()
                                                                   : evaluated.outcomes.size();
    outcome.success = each.at("success").get<bool>();
    outcome.episode_return = each.at("sum_reward").get<double>();
    outcome.best_reward = each.value("max_reward", 0.0);
    evaluated.outcomes.push_back(std::move(outcome));
  }
  return evaluated;
}

/// LeRobot's list of tasks, each with a list of every figure.
EvaluatedPolicy of_task(const Json& task, const std::string& place) {
  const Json& metrics = task.at("metrics");
  EvaluatedPolicy evaluated;
  evaluated.name = task.at("task_group").get<std::string>() + "/" + task.at("task_id").dump();
  const auto successes = metrics.at("successes").get<std::vector<bool>>();
  const auto returns = metrics.at("sum_rewards").get<std::vector<double>>();
  const auto best = metrics.at("max_rewards").get<std::vector<double>>();
  if (returns.size() != successes.size() || best.size() != successes.size()) {
    throw Error(place + ": " + evaluated.name + ": want as many returns and rewards as successes, found " +
                std::to_string(returns.size()) + ", " + std::to_string(best.size()) + " and " +
                std::to_string(successes.size()));
  }
  for (std::size_t i = 0; i < successes.size(); ++i) {
    EpisodeOutcome outcome;
    outcome.seed = i;
    outcome.success = successes[i];
    outcome.episode_return = returns[i];
    outcome.best_reward = best[i];
    evaluated.outcomes.push_back(std::move(outcome));
  }
  return evaluated;
}

std::vector<EvaluatedPolicy> policies_of(const Json& document, const std::filesystem::path& file) {
  std::vector<EvaluatedPolicy> found;
  if (document.contains("policies")) {
    for (const Json& policy : document.at("policies"))
      found.push_back(ours(policy, document.value("environment", std::string())));
  } else if (document.contains("per_episode")) {
    found.push_back(of_episodes(document.at("per_episode"), file.stem().string()));
  } else if (document.contains("per_task")) {
    for (const Json& task : document.at("per_task")) found.push_back(of_task(task, file.string()));
  }
  return found;
}

}  // namespace

std::vector<EvaluatedPolicy> read_evaluation(const std::filesystem::path& file) {
  const std::string place = file.string();
  const std::string wanted =
      ": want what 'understudy eval --json' prints, or LeRobot's eval_info.json, found ";
  std::vector<EvaluatedPolicy> found;
  try {
    const Json document = parsed_json(read_file(file));
    if (document.is_object()) found = policies_of(document, file);
  } catch (const Json::exception& error) {
    throw Error(place + wanted + reason_of(error));
  }
  if (found.empty()) throw Error(place + wanted + "no policies in it");
  for (const EvaluatedPolicy& policy : found) {
    if (policy.outcomes.empty()) throw Error(place + ": " + policy.name + " has no episodes");
  }
  return found;
}

}  // namespace understudy::tools
