// `understudy sweep`: trains with many options, several at once, and says which were best.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/commands/command.h"
#include "tools/commands/plan_parts.h"
#include "tools/console/console.h"
#include "tools/media/run_report.h"
#include "tools/sweeps/sweep_run.h"
#include "tools/tasks/machine.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file, out, task;
  std::string collect;  ///< "complete" or "partial": train nothing
  int jobs = 0;
};

/// Of each training; 0: one a core.
int threads_of(const SweepPlan& plan) {
  int threads = 1;
  for (std::size_t i = 0; i < plan.command.size(); ++i) {
    const std::string& word = plan.command[i];
    if (word == "--threads" && i + 1 < plan.command.size()) threads = std::atoi(plan.command[i + 1].c_str());
    if (word.starts_with("--threads=")) threads = std::atoi(word.c_str() + 10);
  }
  return threads;
}

/// As many as there are cores for the threads of each.
int jobs_of(const SweepPlan& plan) {
  const int threads = threads_of(plan);
  return threads == 0 ? 1 : std::max(1, processors() / std::max(1, threads));
}

/// What the sweep came to: on the terminal, as table and as page.
void put_together(const SweepPlan& plan, const fs::path& folder, const std::string& file_content,
                  const std::vector<SweepRow>& rows) {
  print_table(plan, rows, 20);
  durable_write(folder / "table.csv", table_csv(plan, rows));
  durable_write(folder / "sweep.toml", file_content);
  if (std::none_of(rows.begin(), rows.end(), [](const SweepRow& row) { return row.seeds > 0; })) return;
  durable_write(folder / "report.html",
                RunReport({(folder / "trials").string()}, {.title = folder.filename().string()}).page(false));
  std::printf("%s, %s\n", (folder / "table.csv").c_str(), (folder / "report.html").c_str());
}

/// The table of what is there; `partial`: even if more is to come.
void collect(const SweepPlan& plan, const fs::path& folder, const std::string& file_content, bool partial) {
  SweepState state = look_at_sweep(plan, folder);
  std::set<std::string> missing;
  const std::size_t open = state.open.size(), all = state.tasks.size();
  if (open > 0 && !partial)
    throw Error(folder.string() + ": " + std::to_string(open) + " of " + std::to_string(all) +
                " results are missing, the first: " + state.open.front().id + "; `understudy work " +
                folder.string() + "` goes on, --partial leaves them out");
  while (!state.open.empty()) {
    for (const SweepTask& task : state.open) missing.insert(task.id);
    state = look_at_sweep(plan, folder, missing);
  }
  put_together(plan, folder, file_content, state.rows);
}

void run(const Options& options) {
  const fs::path folder = fs::absolute(options.out).lexically_normal();
  handle_interrupts();
  if (!options.task.empty()) return run_task(folder, options.task);
  if (options.file.empty())
    throw UsageError("want a file that says what to try, found none (see docs/sweeps.md)");
  const SweepPlan plan = read_sweep(options.file);
  const std::string content = read_file(options.file);
  if (fs::exists(folder) && !fs::is_empty(folder) && !fs::exists(folder / "tasks.jsonl"))
    throw Error(folder.string() + ": is not empty and holds no sweep; choose another --out");
  if (!options.collect.empty()) return collect(plan, folder, content, options.collect == "partial");
  want_nobody_at_work(folder);
  const int jobs = options.jobs > 0 ? options.jobs : plan.jobs > 0 ? plan.jobs : jobs_of(plan);
  const SweepOutcome outcome = run_sweep(plan, folder, jobs);
  put_together(plan, folder, content, outcome.rows);
  if (!outcome.failures.empty()) {
    throw Error(std::to_string(outcome.failures.size()) +
                " of the trainings failed, and the table is without them; the first: " +
                outcome.failures.front() + "; the same command tries them again");
  }
}

/// Writes `content`, which `place` names in complaints, as the tasks of a folder.
void plan_sweep(const std::string& place, const std::string& content, const std::string& out) {
  const SweepPlan plan = parse_sweep(content, place);
  const fs::path folder = fs::absolute(out).lexically_normal();
  write_plan({.command = {"sweep", (folder / "sweep.toml").string(), "--out", folder.string()},
              .folder = fs::current_path(),
              .out = folder,
              .threads = threads_of(plan),
              .content = text_sha256(content),
              .program = program_version(),
              .revision = source_revision(),
              .processor = processor_name()});
  shared_write(folder / "sweep.toml", content);
  fs::create_directories(folder / "results");
  fs::create_directories(folder / "trials");
  const SweepState state = look_at_sweep(plan, folder);
  if (!fs::exists(folder / "tasks.jsonl")) shared_write(folder / "tasks.jsonl", state.lines);
  std::printf("%s: %zu tasks%s; `understudy work %s` does them, on every machine that sees the folder\n",
              folder.c_str(), state.tasks.size(),
              plan.method == SweepMethod::kHalving ? " of the first round" : "", folder.c_str());
}

/// "1-3,7": 1, 2, 3 and 7. Throws UsageError.
std::vector<int> seeds_of(const std::string& text) {
  std::vector<int> seeds;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    int first = -1, last = -1;
    char end = '\0';
    const int found = std::sscanf(part.c_str(), "%5d-%5d%c", &first, &last, &end);
    if (found == 1 && part == std::to_string(first)) last = first;
    if (first < 0 || last < first || last > 9999 || found > 2 || (found == 1 && last != first))
      throw UsageError("--seeds: want numbers from 0 to 9999 like 1-20 or 1,2,5-8, found " + text);
    for (int seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

std::string quoted(const std::string& word) {
  return nlohmann::json(word).dump();  // a TOML string too
}

/// A training of every seed as a sweep of nothing else.
std::string seeds_toml(const std::vector<std::string>& words, const std::string& seeds,
                       const std::string& metric) {
  std::string text = "command = [\"train\"";
  for (const std::string& word : words) text += ", " + quoted(word);
  text += "]\nmetric = " + quoted(metric) + "\nseeds = [";
  for (const int seed : seeds_of(seeds)) text += (text.back() == '[' ? "" : ", ") + std::to_string(seed);
  return text + "]\n";
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
  command
      ->add_option(
          "--collect", options->collect,
          "Train nothing: the table of what is there, which has to be all of it, or may be part of it")
      ->check(CLI::IsMember({"complete", "partial"}));
  command->callback([options] { run(*options); });
}

void add_plan_sweep(CLI::App& plan) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = plan.add_subcommand("sweep", "A task for each training of a sweep");
  command->add_option("file", options->file, "What to try (TOML, see docs/sweeps.md)")->required();
  command->add_option("--out", options->out, "Folder of the tasks, which every machine sees")->required();
  command->callback([options] { plan_sweep(options->file, read_file(options->file), options->out); });
}

void add_plan_train(CLI::App& plan) {
  struct TrainOptions {
    std::string seeds, metric = "success", out;
  };
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      plan.add_subcommand("train", "A task for each seed of a training: plan train LEARNER ... --seeds 1-20");
  command->add_option("--seeds", options->seeds, "A training each: 1-20, or 1,2,5-8")->required();
  command->add_option("--metric", options->metric, "What the table is about")
      ->check(CLI::IsMember({"success", "return", "distance"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder of the tasks, which every machine sees")->required();
  command->allow_extras();
  command->callback([options, command] {
    const std::vector<std::string> words = command->remaining();
    if (words.empty()) throw UsageError("plan train: want a learner and its options, found none");
    plan_sweep("plan train", seeds_toml(words, options->seeds, options->metric), options->out);
  });
}

bool plan_has_rounds(const Plan& plan) {
  return budgets(read_sweep(plan.out / "sweep.toml")).size() > 1;
}

bool plan_next_round(const Plan& plan, const std::set<std::string>& given_up) {
  const SweepPlan sweep = read_sweep(plan.out / "sweep.toml");
  fs::current_path(plan.folder);
  const std::string lines = look_at_sweep(sweep, plan.out, given_up).lines;
  const std::string known = read_file(plan.out / "tasks.jsonl");
  if (lines == known) return false;
  shared_write(plan.out / "tasks.jsonl", lines);
  return true;
}

}  // namespace understudy::tools
