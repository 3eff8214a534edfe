// `understudy train`: one subcommand per learner.

#include <CLI/CLI.hpp>
#include <memory>

#include "bc/cloning/cloning_run.h"
#include "tools/commands/command.h"
#include "tools/commands/train_rl.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/setting_options.h"
#include "tools/console/training_report.h"
#ifdef UNDERSTUDY_HAVE_SDL
#include "tools/media/image_rendering.h"
#else
#include "datasets/types/error.h"
#endif

namespace understudy::tools {
namespace {

/// What a policy's evaluation will need shows now.
void want_drawn(const CloningRunConfig& run) {
#ifdef UNDERSTUDY_HAVE_SDL
  check_cameras(run.environment, rig_options(camera_names(run.sight), "84x84", false, false));
#else
  throw UsageError("--cameras " + run.sight.cameras +
                   ": want a build that draws, found one without SDL2 and OpenGL");
#endif
}

void add_bc(CLI::App& group) {
  struct Options {
    CloningRunConfig run;
    bool force = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("bc", "Behavioural cloning: imitate the demonstrated actions");
  add_setting_options(*command, settings(options->run));
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  command->callback([options] {
    CloningRunConfig& run = options->run;
    warn_about_robot(run.environment);
    run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
    if (run.sight.sees()) want_drawn(run);
    TrainingReport report;
    report.finish(train_cloning(run, options->force, report.hooks()));
  });
}

}  // namespace

void add_train(CLI::App& program) {
  CLI::App* group =
      program.add_subcommand("train", "Train a policy from demonstrations, or an expert from rewards");
  group->require_subcommand(1);
  add_bc(*group);
  add_rl_learners(*group);
}

}  // namespace understudy::tools
