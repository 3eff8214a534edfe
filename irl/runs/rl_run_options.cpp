#include "irl/runs/rl_run_options.h"

#include <algorithm>

#include "irl/rewards/task_reward.h"

namespace understudy {

RlRunOptions::RlRunOptions(RlRunConfig& config) : rl(rl_kind(config.rl).options()) {
  if (const RewardKind* kind = reward_kind(config.reward)) reward = kind->options();
  SettingList settings = list();
  for (const auto& option : config.settings) {
    const std::string& name = option.first;  // a binding could not be captured
    const std::string& value = option.second;
    const auto found =
        std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.name == name; });
    if (found == settings.end()) {
      throw UsageError(
          "--" + name + ": not an option of " + config.rl +
          (config.reward == "task" ? "" : " with " + config.reward + "; --rl chooses another learner"));
    }
    set_setting(*found, value);
  }
  config.settings.clear();
  for (const Setting& setting : settings) config.settings.emplace_back(setting.name, setting_text(setting));
}

SettingList RlRunOptions::list() const {
  SettingList settings = rl->settings();
  if (reward != nullptr) {
    for (Setting& setting : reward->settings()) settings.push_back(std::move(setting));
  }
  return settings;
}

std::vector<int> RlRunOptions::hidden() const {
  for (const Setting& setting : rl->settings()) {
    if (setting.name == "hidden") return *std::get<std::vector<int>*>(setting.value);
  }
  return {64, 64};
}

std::unique_ptr<RewardLearner> RlRunOptions::make_reward(ImitationProblem problem) const {
  if (reward == nullptr) return std::make_unique<TaskReward>();
  for (const Setting& setting : rl->settings()) {
    if (setting.name == "gamma") problem.gamma = *std::get<double*>(setting.value);
  }
  return reward->make(problem);
}

void RlRunOptions::check(const RewardLearner& made, int steps) const {
  rl->check(made);
  for (const Setting& setting : rl->settings()) {
    if (setting.name != "start" && setting.name != "rollout") continue;
    if (const int first = *std::get<int*>(setting.value); first >= steps) {
      throw UsageError("--steps: want more than --" + setting.name + " (" + std::to_string(first) +
                       "), before which nothing is learnt, found " + std::to_string(steps));
    }
  }
}

}  // namespace understudy
