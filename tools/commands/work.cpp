// `understudy work`: does the tasks of a plan, beside whoever else does.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/commands/command.h"
#include "tools/commands/plan_parts.h"
#include "tools/console/console.h"
#include "tools/console/plugin_option.h"
#include "tools/tasks/machine.h"
#include "tools/tasks/slurm.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

struct Options {
  std::string plan, sbatch;
  int jobs = 0;
  WorkOptions work;
  bool again = false, leave = false, slurm = false, print = false;
};

/// Tries that failed are forgotten, so that there are as many again.
void forget_failures(const Plan& plan, const WorkOptions& options) {
  const Claims claims(plan.out, options.stale, options.tries);
  for (const auto& [task, claim] : claims.look([](const std::string&) { return true; }))
    if (claims.chance(claim) == Chance::kGivenUp) claims.forget(claim);
}

bool comes_in_rounds([[maybe_unused]] const Plan& plan) {
#ifdef UNDERSTUDY_HAVE_TORCH
  if (plan.command.front() == "sweep") return plan_has_rounds(plan);
#endif
  return false;
}

bool next_tasks([[maybe_unused]] const Plan& plan, const std::vector<GivenUp>& given_up) {
  std::set<std::string> ids;
  for (const GivenUp& one : given_up) ids.insert(one.task);
#ifdef UNDERSTUDY_HAVE_TORCH
  if (plan.command.front() == "sweep") return plan_next_round(plan, ids);
#endif
  return false;
}

void run(Options options) {
  const Plan plan = read_plan(options.plan);
  want_same_program(plan);
  if (options.again) forget_failures(plan, options.work);
  if (options.slurm) {
    const std::string script = array_script(plan, {.jobs = options.jobs,
                                                   .options = options.sbatch,
                                                   .work = options.work,
                                                   .rounds = comes_in_rounds(plan)});
    if (options.print) {
      std::printf("%s", script.c_str());
    } else {
      std::printf("%s\n", submit(plan, script).c_str());
    }
    return;
  }
  if (!std::filesystem::is_directory(plan.folder))
    throw Error(plan.folder.string() + ": no such folder on " + host_name() +
                ", but it was planned in it and paths may begin there; is it shared with this machine?");
  if (plan.processor != processor_name())
    std::fprintf(
        stderr,
        "%s was planned on another kind of processor (%s, this is %s): results are equal but for rounding\n",
        plan.out.c_str(), plan.processor.c_str(), processor_name().c_str());
  const int threads = plan.threads == 0 ? processors() : plan.threads;
  options.work.jobs = options.jobs > 0 ? options.jobs : std::max(1, processors() / threads);
  options.work.wait = !options.leave;
  pass_plugins_on(plan.plugins);
  handle_interrupts();
  const WorkOutcome outcome = work(
      plan, options.work, [&](const std::vector<GivenUp>& given_up) { return next_tasks(plan, given_up); });
  for (const GivenUp& one : outcome.given_up) std::fprintf(stderr, "%s\n", one.line.c_str());
  std::printf("%s: %d of %d tasks are done\n", plan.out.c_str(), outcome.done, outcome.all);
  if (!outcome.given_up.empty())
    throw Error(std::to_string(outcome.given_up.size()) + " of " + std::to_string(outcome.all) +
                " tasks were given up, the first: " + outcome.given_up.front().line +
                "; with --again they are tried again");
}

}  // namespace

void add_work(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "work", "Do the tasks of a plan, beside others who do; stopped or killed, it goes on");
  command->add_option("plan", options->plan, "Folder of `understudy plan`, or its tasks.jsonl")->required();
  command
      ->add_option(
          "--jobs", options->jobs,
          "Tasks at once, here or in the whole array; 0: as many as there are processors for, or all")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command
      ->add_option("--stale", options->work.stale,
                   "Seconds without a sign of life after which another's task is taken over")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
  command->add_option("--tries", options->work.tries, "Of a task before it is given up")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--again", options->again, "Try those again that were given up");
  command->add_flag("--leave", options->leave, "End when no task is free, though others still are at some");
  CLI::Option* slurm = command->add_flag("--slurm", options->slurm,
                                         "Submit an array of jobs that work, instead of working here");
  command->add_flag("--print", options->print, "Print the script of --slurm only")->needs(slurm);
  command
      ->add_option("--sbatch", options->sbatch,
                   "Options of each job, as \"--time=2:00:00 --mem=4G --cpus-per-task=2 --partition=short\"")
      ->needs(slurm);
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
