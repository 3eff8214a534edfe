// `understudy resume`: continues a stopped or crashed run, bit for bit.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bc/cloning/cloning_run.h"
#include "bc/dagger/dagger_run.h"
#include "bc/runs/manifest.h"
#include "bc/runs/rank_agreement.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/training_report.h"
#include "tools/console/world_option.h"

namespace understudy::tools {

void add_resume(CLI::App& program) {
  struct Options {
    std::string run;
    ResumeOptions changed;
    double timeout = kRankTimeout;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("resume", "Continue a training run from where it stopped");
  command->add_option("run", options->run, "Run directory")->required();
  command->add_option("--steps", options->changed.steps,
                      "Train for more steps in all than the run was begun with, finished or not");
  command->add_option("--device", options->changed.device,
                      "cpu, cuda or cuda:N instead of the device that the run was on");
  command->add_option("--env", options->changed.environment,
                      "The run's task with the file that its robot is in now, where that has moved");
  command->add_option("--data", options->changed.data, "The run's demonstrations, where they have moved");
  add_timeout_option(*command, options->timeout);
  add_world_option(*command);
  command->callback([options] {
    const std::string& run = options->run;
    TrainingReport report(options->timeout);
    const RunHooks hooks = report.hooks();
    std::string learner;
    together(*hooks.ranks, [&] {
      if (!hooks.ranks->first()) return;
      want_world_of(run);
      learner = learner_of(run);
    });
    hooks.ranks->broadcast(learner);
    const auto resume = learner == "bc" ? resume_cloning : learner == "dagger" ? resume_dagger : resume_rl;
    report.finish(resume(run, hooks, options->changed));
  });
}

}  // namespace understudy::tools
