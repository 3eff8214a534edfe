#include "tools/commands/train_rl.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "irl/runs/learners.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/help.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/setting_options.h"
#include "tools/console/training_report.h"
#include "tools/console/world_option.h"

namespace understudy::tools {
namespace {

struct TrainOptions {
  RlRunConfig run;
  bool force = false;
  double timeout = kRankTimeout;
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
  TrainingReport report(options.timeout);
  RunHooks hooks = report.hooks();
  keep_world(hooks, run.out);
  report.finish(train_rl(run, options.force, hooks));
}

/// One option per setting of the learners that may be chosen. Help shows those of the one that is, or by default would
/// be, chosen.
void add_learner_settings(CLI::App& command, TrainOptions& options, const std::vector<const RlKind*>& kinds,
                          const RewardKind* reward) {
  struct Owner {
    std::string kind;  ///< empty: the reward
    std::string value;
  };
  std::vector<std::pair<std::string, std::string>> order;  // names and what they mean
  std::map<std::string, std::vector<Owner>> owners;
  const auto take = [&](const SettingList& settings, const std::string& kind) {
    for (const Setting& setting : settings) {
      std::vector<Owner>& known = owners[setting.name];
      if (known.empty()) order.emplace_back(setting.name, setting.help);
      known.push_back({kind, setting_type(setting) + " [" + setting_text(setting) + "]"});
    }
  };
  for (const RlKind* kind : kinds) take(kind->options()->settings(), kind->name);
  if (reward != nullptr) take(reward->options()->settings(), "");
  for (const auto& [name, help] : order) {
    const CLI::Option* option = command.add_option("--" + name, options.settings[name], help);
    show_as(option, [&options, known = owners[name]]() -> std::optional<std::string> {
      for (const Owner& owner : known)
        if (owner.kind.empty() || owner.kind == options.run.rl) return owner.value;
      return std::nullopt;
    });
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
  add_timeout_option(*command, options->timeout);
  add_learner_settings(*command, *options, kinds, reward);
  command->callback([options] { train(*options); });
}

}  // namespace

void add_rl_learners(CLI::App& group) {
  for (const RewardKind& kind : reward_kinds()) add_learner(group, kind.name, kind.summary, &kind);
  for (const RlKind& kind : rl_kinds()) add_learner(group, kind.name, kind.summary, nullptr);
}

}  // namespace understudy::tools
