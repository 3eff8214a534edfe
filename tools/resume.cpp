// `understudy resume`: continues a stopped or crashed run, bit for bit.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bc/policy.h"
#include "bc/training_run.h"
#include "irl/rl_manifest.h"
#include "tools/command.h"
#include "tools/train_rl.h"
#include "tools/training_report.h"

namespace understudy::tools {

void add_resume(CLI::App& program) {
  const auto run = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("resume", "Continue a training run from where it stopped");
  command->add_option("run", *run, "Run directory")->required();
  command->callback([run] {
    if (is_rl_run(*run)) return resume_rl_run(run->c_str());
    TrainingReport report;
    const TrainingResult result = resume_training(*run, report.hooks());
    report.finish(result, load_policy(result.policy).environment_id);
  });
}

}  // namespace understudy::tools
