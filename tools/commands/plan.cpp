// `understudy plan`: writes what a command would do as tasks, for `understudy work` on any number of machines.

#include <CLI/CLI.hpp>

#include "tools/commands/command.h"
#include "tools/commands/plan_parts.h"

namespace understudy::tools {

void add_plan(CLI::App& program) {
  CLI::App* plan = program.add_subcommand(
      "plan", "Write evaluations or trainings as tasks that any number of machines do (docs/cluster.md)");
  plan->require_subcommand(1);
  add_plan_eval(*plan);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_plan_sweep(*plan);
  add_plan_train(*plan);
#endif
}

}  // namespace understudy::tools
