// `understudy imitate`: from a file of demonstrations to a policy, with nothing to choose.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "bc/runs/setting.h"
#include "irl/runs/recipe.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/setting_options.h"
#include "tools/console/training_report.h"

namespace understudy::tools {
namespace {

struct Options {
  RlRunConfig run = imitation_recipe();
  bool force = false;
};

/// Those of the run that say what is imitated, with what seed and for how long; the rest is the recipe's.
SettingList shown(RlRunConfig& run) {
  SettingList list = settings(run);
  std::erase_if(list, [](const Setting& setting) {
    for (const char* name : {"env", "out", "data", "demos", "subsample", "all-episodes", "mask", "seed",
                             "minutes", "steps", "threads", "randomise", "states-only"}) {
      if (setting.name == name) return false;
    }
    return true;
  });
  return list;
}

}  // namespace

void add_imitate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "imitate", "Imitate demonstrations: clone them, and train on until nobody could tell the two apart");
  add_setting_options(*command, shown(options->run));
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  command->callback([options] {
    RlRunConfig& run = options->run;
    const RlRunConfig recipe = run;
    if (run.states_only) run.clone = false;  // nothing to copy
    run.settings.clear();
    take_settings(recipe, run);
    for (auto& [name, value] : run.settings)
      if (name == "first-cycle" && std::stoi(value) > run.steps) value = std::to_string(run.steps);
    warn_about_robot(run.environment);
    run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
    TrainingReport report;
    report.finish(train_rl(run, options->force, report.hooks()));
  });
}

}  // namespace understudy::tools
