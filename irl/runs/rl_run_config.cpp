#include "irl/runs/rl_run_config.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "irl/runs/learners.h"

namespace understudy {
namespace {

std::string control_name(bool random) {
  return random ? "random" : "expert";
}

bool parse_control(const std::string& name) {
  if (name != "expert" && name != "random")
    throw UsageError(unknown_name("--control", name, {"expert", "random"}));
  return name == "random";
}

/// Names of the learners that maximise a reward.
std::vector<std::string> maximisers() {
  std::vector<std::string> names;
  for (const RlKind& kind : rl_kinds()) {
    if (!kind.imitates) names.push_back(kind.name);
  }
  return names;
}

}  // namespace

RlRunConfig::RlRunConfig() {
  evaluate_every = 10'000;
  evaluation_episodes = 10;
}

RlRunConfig default_rl_run(const std::string& learner) {
  RlRunConfig config;
  config.learner = learner;
  const auto& rewards = reward_kinds();
  const auto reward = std::find_if(rewards.begin(), rewards.end(),
                                   [&](const RewardKind& kind) { return kind.name == learner; });
  config.reward = reward == rewards.end() ? "task" : learner;
  config.rl = reward == rewards.end() ? rl_kind(learner).name : reward->rl;
  if (imitates(config)) config.keep = Keep::kClosest;
  return config;
}

bool imitates(const RlRunConfig& config) {
  return config.reward != "task" || rl_kind(config.rl).imitates;
}

SettingList settings(RlRunConfig& c) {
  SettingList list = task_settings(c, imitates(c));
  if (imitates(c)) {
    list.push_back({"control", named(c.random_control, control_name, parse_control),
                    "expert, or random: imitate a random actor instead, to see what survival earns"});
  }
  if (c.reward != "task")
    list.push_back({"rl", &c.rl, "RL learner that maximises the reward", 0, 0, maximisers()});
  list.push_back({.name = "warm-start",
                  .value = &c.warm_start,
                  .help = "Policy or run to begin with; the actor keeps its layers",
                  .use = SettingUse::kPath});
  if (imitates(c)) {
    list.push_back(
        {"states-only", &c.states_only,
         "Imitate what was seen and not what was done, which need not be known (pwil, otr, iq-learn)"});
    list.push_back(
        {"clone", &c.clone,
         "Begin at a clone of the demonstrations, which the run makes itself, unless --warm-start"});
    list.push_back(
        {"patience", &c.patience,
         "End when this many evaluations, and half of all, came no closer to the demonstrations; 0: never", 0,
         1e6});
    list.push_back(
        {"ends-when-close", &c.ends_when_close,
         "End when a policy is no farther from the demonstrations than their halves are from each other"});
  }
  list.push_back({"minutes", &c.minutes, "Time that the run may take in all; 0: any", 0, 1e6});
  list.push_back({"steps", &c.steps, "Environment steps", 1, 2e9});
  list.push_back({"environments", &c.environments, "Environments stepped together", 1, 4096});
  list.push_back({"threads", &c.threads, "Threads; results may depend on it", 1, 64});
  for (const Setting& setting : evaluation_settings(c, "Steps")) list.push_back(setting);
  list.push_back({"keep", named(c.keep, keep_name, parse_keep),
                  "Policy that policy.pt holds: best by the task's reward, closest to the demonstrations, or "
                  "last"});
  return list;
}

void validate(const RlRunConfig& config) {
  RlRunConfig checked = config;
  validate(checked, settings(checked));
  if (checked.shards > checked.environments)
    throw UsageError("--shards: want at most --environments (" + std::to_string(checked.environments) +
                     "), so that each has something, found " + std::to_string(checked.shards));
  if (!config.states_only) return;
  const RewardKind* kind = reward_kind(config.reward);
  if (!(kind != nullptr ? kind->from_states : rl_kind(config.rl).from_states)) {
    throw UsageError(
        "--states-only: want a learner that can do without actions (pwil, otr or iq-learn), found " +
        (kind != nullptr ? config.reward : config.rl));
  }
  if (config.clone)
    throw UsageError("--states-only: want no --clone, which copies actions; use --clone=false");
}

}  // namespace understudy
