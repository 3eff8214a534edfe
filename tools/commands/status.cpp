// `understudy status`: where the tasks of a plan stand.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

struct Options {
  std::string plan;
  WorkOptions work;
};

void print(const Options& options) {
  const Plan plan = read_plan(options.plan);
  const TaskStates states = task_states(plan, options.work);
  const int running = static_cast<int>(states.running.size());
  const int left = states.waiting + running, failed = static_cast<int>(states.given_up.size());
  std::printf("%s: %d tasks: %d done, %d running, %d waiting, %d given up\n", plan.out.c_str(),
              states.done + left + failed, states.done, running, states.waiting, failed);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  for (const Claim& claim : states.running) {
    std::printf("running: %s on %s (process %d), for %s, try %d, %s\n", claim.task.c_str(),
                claim.host.c_str(), static_cast<int>(claim.process),
                duration_text(std::max(0.0, now - claim.began)).c_str(), claim.attempt,
                log_of(plan.out, claim.task).c_str());
  }
  for (const GivenUp& one : states.given_up) std::printf("given up: %s\n", one.line.c_str());
  if (left > 0 && running > 0 && states.mean_seconds > 0)
    std::printf(
        "about %s left, at %s a task and %d at once\n",
        duration_text(states.mean_seconds * std::max(1.0, static_cast<double>(left) / running)).c_str(),
        duration_text(states.mean_seconds).c_str(), running);
  if (left > 0 && running == 0)
    std::printf("nobody is at work: `understudy work %s` goes on\n", plan.out.c_str());
  if (left == 0)
    std::printf("`understudy collect %s%s` makes the table\n", plan.out.c_str(),
                failed > 0 ? " --partial" : "");
}

}  // namespace

void add_status(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("status", "What of a plan is done, who does what, and what failed");
  command->add_option("plan", options->plan, "Folder of `understudy plan`, or its tasks.jsonl")->required();
  command->add_option("--stale", options->work.stale, "As given to `understudy work`")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
  command->add_option("--tries", options->work.tries, "As given to `understudy work`")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->callback([options] { print(*options); });
}

}  // namespace understudy::tools
