#include "irl/runs/recipe.h"

#include <algorithm>

#include "irl/runs/learners.h"

namespace understudy {
namespace {

void evaluate(RlRunConfig& run, int every, int patience) {
  run.evaluate_every = every;
  run.evaluation_episodes = 5;
  run.patience = patience;
}

/// PPO is quick and forgets no clone; without the decay it ends below where it was.
void on_policy(RlRunConfig& run, int steps) {
  run.rl = "ppo";
  run.environments = 8;
  run.steps = steps;
  run.settings = {{"decay", "true"}};
  evaluate(run, steps / 20, 0);
}

void begin_at_clone(RlRunConfig& run) {
  run.clone = true;
  const bool ppo = run.rl == "ppo";
  if (ppo) run.settings.emplace_back("deviation", "0.3");
  run.settings.emplace_back("critic-warmup", ppo ? "4096" : "3000");
}

void off_policy(RlRunConfig& run) {
  run.steps = 150'000;
  run.settings = {{"hidden", "64,64"}, {"batch", "128"}, {"start", "3000"}, {"average", "1000"}};
  evaluate(run, 5000, 10);
}

}  // namespace

RlRunConfig imitation_recipe() {
  RlRunConfig run = recipe_of("pwil");
  run.steps = 4'000'000;
  run.minutes = 15;
  run.ends_when_close = true;
  evaluate(run, 50'000, 10);
  run.final_episodes = 20;
  run.settings.emplace_back("first-cycle", "250000");
  return run;
}

RlRunConfig recipe_of(const std::string& learner) {
  RlRunConfig run = default_rl_run(learner);
  if (!imitates(run) || learner == "value-dice") return run;
  if (learner == "pwil" || learner == "airl") {
    on_policy(run, 500'000);
    begin_at_clone(run);
  } else if (learner == "gail") {
    on_policy(run, 1'000'000);
    begin_at_clone(run);
  } else if (learner != "sinkhorn") {
    off_policy(run);
    if (learner == "iq-learn") {
      for (const auto& setting : SettingTexts{{"average", "40000"},
                                              {"layer-norm", "true"},
                                              {"gamma", "0.96"},
                                              {"alpha", "0.25"},
                                              {"critic-learning-rate", "0.001"},
                                              {"actor-learning-rate", "0.0003"},
                                              {"decay", "true"}}) {
        std::erase_if(run.settings, [&](const auto& other) { return other.first == setting.first; });
        run.settings.push_back(setting);
      }
    } else if (learner == "sqil") {
      begin_at_clone(run);
      run.settings.insert(run.settings.end(), {{"temperature", "0.01"}, {"tune-temperature", "false"}});
    } else {
      run.rl = "sac";
      run.settings.emplace_back("learning-rate", "0.0007");
      if (learner == "dac" || learner == "fairl") run.settings.emplace_back("reward-hidden", "64,64");
    }
  }
  return run;
}

void take_settings(const RlRunConfig& recipe, RlRunConfig& config) {
  const bool starts = config.clone || !config.warm_start.empty();
  for (const auto& setting : recipe.settings) {
    // Small first steps are for what is worth keeping.
    if (!starts && (setting.first == "deviation" || setting.first == "critic-warmup")) continue;
    const bool of_reward = setting.first.starts_with("reward-");
    const bool said = std::any_of(config.settings.begin(), config.settings.end(),
                                  [&](const auto& other) { return other.first == setting.first; });
    if (!said && (of_reward || config.rl == recipe.rl)) config.settings.push_back(setting);
  }
  if (!starts || config.rl == recipe.rl) return;
  // Another learner than the recipe's, on a clone that it must not wash away at once.
  const auto add = [&](const std::string& name, const std::string& value) {
    const bool said = std::any_of(config.settings.begin(), config.settings.end(),
                                  [&](const auto& other) { return other.first == name; });
    if (!said) config.settings.emplace_back(name, value);
  };
  if (config.rl == "ppo" || config.rl == "trpo" || config.rl == "vpg") {
    add("deviation", "0.3");
    if (config.rl == "ppo") add("critic-warmup", "4096");
  } else {
    add("critic-warmup", "3000");
    if (config.rl == "sac") add("temperature", "0.1");
  }
}

}  // namespace understudy
