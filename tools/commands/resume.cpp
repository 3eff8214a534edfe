// `understudy resume`: continues a stopped or crashed run, bit for bit.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "bc/cloning/cloning_run.h"
#include "bc/runs/manifest.h"
#include "datasets/types/error.h"
#include "irl/runs/rl_run.h"
#include "tools/commands/command.h"
#include "tools/console/training_report.h"

namespace understudy::tools {

void add_resume(CLI::App& program) {
  struct Options {
    std::string run;
    std::optional<int> steps;
    std::optional<std::string> device;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("resume", "Continue a training run from where it stopped");
  command->add_option("run", options->run, "Run directory")->required();
  command->add_option("--steps", options->steps,
                      "Train for more steps in all than the run was begun with, finished or not");
  command->add_option("--device", options->device,
                      "cpu, cuda or cuda:N instead of the device that the run was on");
  command->callback([options] {
    const std::string& run = options->run;
    TrainingReport report;
    if (learner_of(run) != "bc") {
      report.finish(resume_rl(run, report.hooks(), options->steps, options->device));
    } else if (options->steps) {
      throw UsageError("--steps: " + run + " is a cloning run, whose length is in epochs: train a new one");
    } else {
      report.finish(resume_cloning(run, report.hooks(), options->device));
    }
  });
}

}  // namespace understudy::tools
