#include "tools/commands/train_rl.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "irl/runs/learners.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/setting_options.h"
#include "tools/console/training_report.h"

namespace understudy::tools {
namespace {

struct TrainOptions {
  RlRunConfig run;
  bool force = false;
  std::map<std::string, std::string> settings;  ///< as given on the command line; empty: default
};

void train(const TrainOptions& options) {
  RlRunConfig run = options.run;
  if (std::filesystem::is_directory(run.warm_start)) run.warm_start += "/policy.pt";
  for (const auto& [name, value] : options.settings) {
    if (!value.empty()) run.settings.emplace_back(name, value);
  }
  warn_about_robot(run.environment);
  run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
  TrainingReport report;
  report.finish(train_rl(run, options.force, report.hooks()));
}

/// One option per setting of the learners that may be chosen, whose help gives each one's default.
void add_learner_settings(CLI::App& command, TrainOptions& options, const std::vector<const RlKind*>& kinds,
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
                 const RewardKind* reward) {
  const auto options = std::make_shared<TrainOptions>();
  options->run = default_rl_run(name);
  std::vector<const RlKind*> kinds;
  for (const RlKind& kind : rl_kinds()) {
    if (reward == nullptr ? kind.name == name : !kind.imitates) kinds.push_back(&kind);
  }
  CLI::App* command = group.add_subcommand(name, summary);
  add_setting_options(*command, settings(options->run));
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  add_learner_settings(*command, *options, kinds, reward);
  command->callback([options] { train(*options); });
}

}  // namespace

void add_rl_learners(CLI::App& group) {
  for (const RewardKind& kind : reward_kinds()) add_learner(group, kind.name, kind.summary, &kind);
  for (const RlKind& kind : rl_kinds()) add_learner(group, kind.name, kind.summary, nullptr);
}

}  // namespace understudy::tools
