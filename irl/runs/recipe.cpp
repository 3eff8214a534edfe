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
  run.settings.emplace_back(ppo ? "deviation" : "critic-warmup", ppo ? "0.3" : "3000");
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
  run.settings.emplace_back("first-cycle", "500000");
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
  for (const auto& setting : recipe.settings) {
    const bool of_reward = setting.first.starts_with("reward-");
    const bool said = std::any_of(config.settings.begin(), config.settings.end(),
                                  [&](const auto& other) { return other.first == setting.first; });
    if (!said && (of_reward || config.rl == recipe.rl)) config.settings.push_back(setting);
  }
}

}  // namespace understudy
