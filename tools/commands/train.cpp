// `understudy train`: one subcommand per learner.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "bc/cloning/cloning_run.h"
#include "bc/dagger/dagger_run.h"
#include "tools/commands/command.h"
#include "tools/commands/train_rl.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/setting_options.h"
#include "tools/console/training_report.h"
#include "tools/console/world_option.h"
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

/// A learner whose options are a list of settings.
template <class Config>
void add_learner(CLI::App& group, const char* name, const char* summary,
                 RunResult (*train)(const Config&, bool overwrite, const RunHooks&)) {
  struct Options {
    Config run;
    bool force = false;
    double timeout = kRankTimeout;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(name, summary);
  add_setting_options(*command, settings(options->run));
  add_world_option(*command);
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  add_timeout_option(*command, options->timeout);
  command->callback([options, train] {
    Config& run = options->run;
    if (std::filesystem::is_directory(run.warm_start)) run.warm_start += "/policy.pt";
    warn_about_robot(run.environment);
    run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
    if (run.sight.sees()) want_drawn(run);
    TrainingReport report(options->timeout);
    RunHooks hooks = report.hooks();
    keep_world(hooks, run.out);
    report.finish(train(run, options->force, hooks));
  });
}

}  // namespace

void add_train(CLI::App& program) {
  CLI::App* group =
      program.add_subcommand("train", "Train a policy from demonstrations, or an expert from rewards");
  group->require_subcommand(1);
  add_learner(*group, "bc", "Behavioural cloning: imitate the demonstrated actions", train_cloning);
  add_learner(*group, "dagger", "DAgger: drive, ask an expert what would have been right, train, and again",
              train_dagger);
  add_rl_learners(*group);
}

}  // namespace understudy::tools
