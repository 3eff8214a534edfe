// `understudy resume`: continues a stopped or crashed run, bit for bit.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "bc/cloning/cloning_run.h"
#include "bc/policies/policy.h"
#include "datasets/types/error.h"
#include "irl/runs/rl_manifest.h"
#include "tools/commands/command.h"
#include "tools/commands/train_rl.h"
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
    if (is_rl_run(run)) return resume_rl_run(run, options->steps, options->device);
    if (options->steps) {
      throw UsageError("--steps: " + run + " is a cloning run, whose length is in epochs: train a new one");
    }
    TrainingReport report;
    const TrainingResult result = resume_training(run, report.hooks(), options->device);
    report.finish(result, load_policy(result.policy).environment_id);
  });
}

}  // namespace understudy::tools
