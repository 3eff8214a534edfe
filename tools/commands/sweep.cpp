// `understudy sweep`: trains with many options, several at once, and says which were best.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/media/run_report.h"
#include "tools/sweeps/sweep_run.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file, out, task;
  int jobs = 0;
};

/// As many as there are cores for the threads of each.
int jobs_of(const SweepPlan& plan) {
  int threads = 1;
  for (std::size_t i = 0; i < plan.command.size(); ++i) {
    const std::string& word = plan.command[i];
    if (word == "--threads" && i + 1 < plan.command.size()) threads = std::atoi(plan.command[i + 1].c_str());
    if (word.starts_with("--threads=")) threads = std::atoi(word.c_str() + 10);
  }
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return threads == 0 ? 1 : std::max(1, cores / std::max(1, threads));
}

void run(const Options& options) {
  const fs::path folder = fs::absolute(options.out).lexically_normal();
  handle_interrupts();
  if (!options.task.empty()) return run_task(folder, options.task);
  if (options.file.empty())
    throw UsageError("want a file that says what to try, found none (see docs/sweeps.md)");
  const SweepPlan plan = read_sweep(options.file);
  if (fs::exists(folder) && !fs::is_empty(folder) && !fs::exists(folder / "tasks.jsonl"))
    throw Error(folder.string() + ": is not empty and holds no sweep; choose another --out");
  const int jobs = options.jobs > 0 ? options.jobs : plan.jobs > 0 ? plan.jobs : jobs_of(plan);
  const SweepOutcome outcome = run_sweep(plan, folder, jobs);
  print_table(plan, outcome.rows, 20);
  durable_write(folder / "sweep.toml", read_file(options.file));
  if (std::any_of(outcome.rows.begin(), outcome.rows.end(),
                  [](const SweepRow& row) { return row.seeds > 0; })) {
    durable_write(
        folder / "report.html",
        RunReport({(folder / "trials").string()}, {.title = folder.filename().string()}).page(false));
    std::printf("%s, %s\n", (folder / "table.csv").c_str(), (folder / "report.html").c_str());
  }
  if (!outcome.failures.empty()) {
    throw Error(std::to_string(outcome.failures.size()) +
                " of the trainings failed, and the table is without them; the first: " +
                outcome.failures.front() + "; the same command tries them again");
  }
}

}  // namespace

void add_sweep(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "sweep",
      "Train with many options by a TOML file, several at once, and rank them; the same command goes on");
  command->add_option("file", options->file, "What to try (TOML, see docs/sweeps.md)");
  command->add_option("--out", options->out, "Folder of the trainings, the table and the page")->required();
  command
      ->add_option("--jobs", options->jobs,
                   "Trainings at once; 0: what the file says, or as many as there are cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--task", options->task, "Run this line of OUT/tasks.jsonl only, unless it is done");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
