#include "tools/commands/train_rl.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "irl/runs/learners.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"

namespace understudy::tools {
namespace {

/// Shows a run's progress on stderr and passes Ctrl-C on to it.
class RlReport {
 public:
  RlHooks hooks() {
    handle_interrupts();
    return {.progress = [this](const RlProgress& progress) { show(progress); }, .stop = interrupted};
  }

  void finish(const RlResult& result, const std::string& environment) {
    progress_.reset();
    final_.reset();
    const EvaluationSummary& e = result.summary;
    std::printf(
        "policy of step %d after %.0f s: return %.2f [%.2f, %.2f], success %.1f %% over %d episodes\n",
        result.steps, result.seconds, e.mean_return, e.episode_return.low, e.episode_return.high,
        100 * e.success_rate, e.episodes);
    if (result.expert_return) std::printf("demonstrations: return %.2f\n", *result.expert_return);
    std::printf("measure it on other episodes: understudy eval %s --env %s\n", result.policy.string().c_str(),
                environment.c_str());
  }

 private:
  void show(const RlProgress& p) {
    if (p.activity == "final evaluation") {
      progress_.reset();
      if (final_ == nullptr) final_ = std::make_unique<Progress>("final evaluation", 100, "%");
      final_->update(100 * p.done);
      return;
    }
    if (progress_ == nullptr) {
      progress_ = std::make_unique<Progress>("training", p.total, "steps", p.steps);
    }
    std::string extra;
    char text[96];
    if (std::isfinite(p.episode_return)) {
      std::snprintf(text, sizeof text, "%d episodes, return %.1f", p.episodes, p.episode_return);
      extra = text;
    }
    if (p.evaluation) {
      std::snprintf(text, sizeof text, "%sevaluated %.1f", extra.empty() ? "" : ", ",
                    p.evaluation->mean_return);
      extra += text;
    }
    if (p.distance) {
      std::snprintf(text, sizeof text, ", W1 %.2f", *p.distance);
      extra += text;
    }
    progress_->update(p.steps, extra);
  }

  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Progress> final_;
};

struct TrainOptions {
  RlRunConfig run;
  bool force = false;
  std::string control = "expert";
  std::map<std::string, std::string> settings;  ///< as given on the command line; empty: default
};

void train(const TrainOptions& options) {
  RlRunConfig run = options.run;
  run.random_control = options.control == "random";
  if (std::filesystem::is_directory(run.warm_start)) run.warm_start += "/policy.pt";
  for (const auto& [name, value] : options.settings) {
    if (!value.empty()) run.settings.emplace_back(name, value);
  }
  run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
  RlReport report;
  report.finish(train_rl(run, options.force, report.hooks()), run.environment);
}

/// One option per setting of the learners that may be chosen, whose help gives each one's default.
void add_settings(CLI::App& command, TrainOptions& options, const std::vector<const RlKind*>& kinds,
                  const RewardKind* reward) {
  struct Help {
    std::string text;
    std::string defaults;
  };
  std::vector<std::string> order;
  std::map<std::string, Help> helps;
  const auto take = [&](const SettingList& settings, const std::string& owner) {
    for (const Setting& setting : settings) {
      Help& help = helps[setting.name];
      if (help.text.empty()) {
        order.push_back(setting.name);
        help.text = setting.help;
      }
      help.defaults += (help.defaults.empty() ? "" : ", ") + owner + setting_text(setting);
    }
  };
  for (const RlKind* kind : kinds)
    take(kind->options()->settings(), kinds.size() > 1 ? kind->name + " " : "");
  if (reward != nullptr) take(reward->options()->settings(), "");
  for (const std::string& name : order) {
    const Help& help = helps[name];
    command.add_option("--" + name, options.settings[name], help.text + " [" + help.defaults + "]");
  }
}

void add_learner(CLI::App& group, const std::string& name, const std::string& summary,
                 const RewardKind* reward, const RlKind* only) {
  const auto options = std::make_shared<TrainOptions>();
  RlRunConfig& run = options->run;
  run.learner = name;
  run.reward = reward == nullptr ? "task" : reward->name;
  run.rl = reward == nullptr ? name : reward->rl;
  const bool imitates = reward != nullptr || only->imitates;
  run.keep = imitates ? "closest" : "best";

  CLI::App* command = group.add_subcommand(name, summary);
  const auto add = [command](const char* option, auto& value, const char* what) {
    return command->add_option(option, value, what)->capture_default_str();
  };
  command->add_option("--env", run.environment, "Task (see: understudy envs)")->required();
  command->add_option("--out", run.out, "Run directory to make")->required();
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  if (imitates) {
    command->add_option("--data", run.expert.data, "Demonstrations (HDF5)")->required();
    add("--demos", run.expert.demos, "Use only the first so many demonstrations; 0: all");
    add("--subsample", run.expert.subsample, "Keep every so manyth transition of each");
    command->add_flag("--all-episodes", run.expert.all_episodes, "Imitate failed episodes too");
    add("--control", options->control,
        "expert, or random: imitate a random actor instead, to see what survival earns")
        ->check(CLI::IsMember({"expert", "random"}));
  }
  std::vector<const RlKind*> kinds;
  if (reward == nullptr) {
    kinds.push_back(only);
  } else {
    for (const RlKind& kind : rl_kinds()) {
      if (!kind.imitates) kinds.push_back(&kind);
    }
    std::vector<std::string> names;
    for (const RlKind* kind : kinds) names.push_back(kind->name);
    add("--rl", run.rl, "RL learner that maximises the reward")->check(CLI::IsMember(names));
  }
  command->add_option("--warm-start", run.warm_start,
                      "Policy or run to begin with; the actor keeps its layers");
  add("--seed", run.seed, "Seed of everything random, at most 9999");
  add("--steps", run.steps, "Environment steps");
  add("--environments", run.environments, "Environments stepped together");
  add("--threads", run.threads, "Threads; results may depend on it");
  add("--device", run.device,
      "cpu, or for wide layers cuda or cuda:N, where LibTorch has it; libtorch: its CPU kernels");
  add("--eval-every", run.evaluate_every, "Steps between evaluations");
  add("--eval-episodes", run.evaluation_episodes, "Episodes of each evaluation");
  add("--final-episodes", run.final_episodes, "Episodes of the last one");
  add("--keep", run.keep,
      imitates
          ? "Policy that policy.pt holds: closest to the demonstrations, best by the task's reward, or last"
          : "Policy that policy.pt holds: best by evaluations, or last");
  add_randomise_option(*command, run.randomise);
  add_settings(*command, *options, kinds, reward);
  command->callback([options] { train(*options); });
}

}  // namespace

void add_rl_learners(CLI::App& group) {
  for (const RewardKind& kind : reward_kinds()) add_learner(group, kind.name, kind.summary, &kind, nullptr);
  for (const RlKind& kind : rl_kinds()) add_learner(group, kind.name, kind.summary, nullptr, &kind);
}

void resume_rl_run(const std::string& run, std::optional<int> steps,
                   const std::optional<std::string>& device) {
  RlReport report;
  const RlResult result = resume_rl(run, report.hooks(), steps, device);
  report.finish(result, load_policy(result.policy).environment_id);
}

}  // namespace understudy::tools
