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
#include "irl/runs/recipe.h"
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
  RlRunConfig run;     ///< begins as the recipe
  RlRunConfig recipe;  ///< (irl/runs/recipe.h)
  std::string preset = "recipe";
  bool force = false;
  double timeout = kRankTimeout;
  std::map<std::string, std::string> settings;  ///< as given on the command line; empty: default
};

/// The papers' values where nothing was said on the command line.
void take_papers(const CLI::App& command, RlRunConfig& run) {
  RlRunConfig paper = default_rl_run(run.learner);
  const SettingList now = settings(run), then = settings(paper);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::string text = setting_text(then[i]);
    if (text != setting_text(now[i]) && command.count("--" + now[i].name) == 0) set_setting(now[i], text);
  }
}

void train(const CLI::App& command, const TrainOptions& options) {
  RlRunConfig run = options.run;
  if (options.preset == "paper") take_papers(command, run);
  if (std::filesystem::is_directory(run.warm_start)) run.warm_start += "/policy.pt";
  for (const auto& [name, value] : options.settings) {
    if (!value.empty()) run.settings.emplace_back(name, value);
  }
  if (options.preset == "recipe") {
    if (run.states_only && command.count("--clone") == 0) run.clone = false;  // nothing to copy
    take_settings(options.recipe, run);
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
  const auto default_of = [&](const Setting& setting, const std::string& kind) {
    for (const auto& [name, value] : options.recipe.settings) {
      if (name == setting.name && (kind.empty() || kind == options.recipe.rl)) return value;
    }
    return setting_text(setting);
  };
  const auto take = [&](const SettingList& settings, const std::string& kind) {
    for (const Setting& setting : settings) {
      std::vector<Owner>& known = owners[setting.name];
      if (known.empty()) order.emplace_back(setting.name, setting.help);
      known.push_back({kind, setting_type(setting) + " [" + default_of(setting, kind) + "]"});
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
  options->run = options->recipe = recipe_of(name);
  options->run.settings.clear();
  std::vector<const RlKind*> kinds;
  for (const RlKind& kind : rl_kinds()) {
    if (reward == nullptr ? kind.name == name : !kind.imitates) kinds.push_back(&kind);
  }
  CLI::App* command = group.add_subcommand(name, summary);
  add_setting_options(*command, settings(options->run));
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  add_timeout_option(*command, options->timeout);
  if (imitates(options->run)) {
    command
        ->add_option("--preset", options->preset,
                     "Values of all that is not said: our recipe's, shown here, or the papers'")
        ->check(CLI::IsMember({"recipe", "paper"}))
        ->capture_default_str();
  }
  add_learner_settings(*command, *options, kinds, reward);
  command->callback([options, command] { train(*command, *options); });
}

}  // namespace

void add_rl_learners(CLI::App& group) {
  for (const RewardKind& kind : reward_kinds()) add_learner(group, kind.name, kind.summary, &kind);
  for (const RlKind& kind : rl_kinds()) add_learner(group, kind.name, kind.summary, nullptr);
}

}  // namespace understudy::tools
