#include "tools/sweeps/sweep_run.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "bc/runs/run_directory.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "tools/console/console.h"
#include "tools/console/training_process.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kLook = std::chrono::milliseconds(50);
constexpr auto kPatience = std::chrono::minutes(5);  // with trainings that save before they stop

/// What an earlier process of a killed sweep is still saving is waited for.
void wait_until_free(const fs::path& run) {
  if (!fs::exists(run)) return;
  for (const auto start = Clock::now();;) {
    try {
      const DirectoryLock lock(run / ".lock", run.string() + ": another process is training in it");
      return;
    } catch (const Error&) {
      if (Clock::now() - start > std::chrono::seconds(30) || interrupted()) throw;
      std::this_thread::sleep_for(kLook);
    }
  }
}

/// Several trainings beside this process.
class Trials {
 public:
  Trials(std::deque<SweepTask> waiting, int jobs) : waiting_(std::move(waiting)), jobs_(jobs) {}

  /// Until all are done; `done` is told of each. Gives the complaints of those that failed.
  std::vector<std::string> run(const std::function<void()>& done) {
    while (!waiting_.empty() || !running_.empty()) {
      if (interrupted()) stop();
      while (!waiting_.empty() && static_cast<int>(running_.size()) < jobs_) start();
      collect(done);
      std::this_thread::sleep_for(kLook);
    }
    return std::move(failures_);
  }

 private:
  struct Running {
    SweepTask task;
    std::unique_ptr<TrainingProcess> process;
  };

  void start() {
    SweepTask task = std::move(waiting_.front());
    waiting_.pop_front();
    wait_until_free(task.run);
    const fs::path here = fs::current_path();
    fs::current_path(task.folder);
    auto process = std::make_unique<TrainingProcess>();
    process->start(next_arguments(task), task.run.string() + ".log");
    fs::current_path(here);
    running_.push_back({std::move(task), std::move(process)});
  }

  void collect(const std::function<void()>& done) {
    for (std::size_t i = running_.size(); i-- > 0;) {
      const auto outcome = running_[i].process->poll();
      if (!outcome) continue;
      const SweepTask task = std::move(running_[i].task);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      if (outcome->code == 2) {  // another will not be understood either
        stop_and_wait();
        throw UsageError(outcome->complaint);
      }
      if (outcome->trained && !keep_result(task))
        failures_.push_back(task.run.string() + ": want a result in manifest.json, found none");
      if (!outcome->trained) failures_.push_back(outcome->complaint);
      done();
    }
  }

  void stop_and_wait() {
    for (const Running& each : running_) each.process->stop();
    for (const auto start = Clock::now(); !running_.empty() && Clock::now() - start < kPatience;) {
      std::erase_if(running_, [](Running& each) {
        const auto outcome = each.process->poll();
        if (outcome && outcome->trained) keep_result(each.task);
        return outcome.has_value();
      });
      std::this_thread::sleep_for(kLook);
    }
  }

  [[noreturn]] void stop() {
    stop_and_wait();
    throw Interrupted("stopped, every training has saved; the same command goes on");
  }

  std::deque<SweepTask> waiting_;
  int jobs_;
  std::vector<Running> running_;
  std::vector<std::string> failures_;
};

/// A configuration with what it came to so far.
struct Candidate {
  Configuration configuration;
  std::vector<SweepTask> tasks;  // of its latest budget
  std::optional<int> budget;
};

std::string round_name(const SweepPlan& plan, std::optional<int> budget) {
  return budget ? "sweep, " + std::to_string(*budget) + " " + plan.budget.option : "sweep";
}

}  // namespace

SweepOutcome run_sweep(const SweepPlan& plan, const fs::path& folder, int jobs) {
  fs::create_directories(folder / "trials");
  fs::create_directories(folder / "results");
  const DirectoryLock lock(folder / ".lock",
                           folder.string() + ": another sweep is running in it; wait for its end");
  SweepOutcome outcome;
  std::vector<Candidate> alive;
  for (Configuration& each : configurations(plan)) alive.push_back({std::move(each), {}, {}});
  std::string lines;
  const auto all_budgets = budgets(plan);
  for (std::size_t round = 0; round < all_budgets.size(); ++round) {
    std::deque<SweepTask> waiting;
    std::size_t tasks = 0;
    for (Candidate& candidate : alive) {
      candidate.budget = all_budgets[round];
      candidate.tasks.clear();
      for (const std::uint64_t seed : plan.seeds) {
        candidate.tasks.push_back(make_task(plan, folder, candidate.configuration, seed, candidate.budget));
        lines += task_line(candidate.tasks.back(), folder);
        if (!result_of(candidate.tasks.back())) waiting.push_back(candidate.tasks.back());
        ++tasks;
      }
    }
    durable_write(folder / "tasks.jsonl", lines);
    {
      const auto before = static_cast<double>(tasks - waiting.size());
      Progress progress(round_name(plan, all_budgets[round]), static_cast<double>(tasks), "trainings",
                        before);
      double finished = before;
      for (std::string& line : Trials(std::move(waiting), jobs).run([&] { progress.update(++finished); }))
        outcome.failures.push_back(std::move(line));
    }
    std::vector<SweepRow> rows;
    for (const Candidate& candidate : alive)
      rows.push_back(sweep_row(candidate.configuration, candidate.budget, candidate.tasks));
    sort_rows(rows, plan.metric);
    const auto factor = static_cast<std::size_t>(plan.budget.factor);
    const std::size_t kept = round + 1 == all_budgets.size() ? 0 : (rows.size() + factor - 1) / factor;
    alive.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i < kept && rows[i].figure(plan.metric)) {
        alive.push_back({rows[i].configuration, {}, {}});
      } else {
        outcome.rows.push_back(std::move(rows[i]));
      }
    }
  }
  sort_rows(outcome.rows, plan.metric);
  durable_write(folder / "table.csv", table_csv(plan, outcome.rows));
  return outcome;
}

void run_task(const fs::path& folder, const std::string& id) {
  const SweepTask task = read_task(folder, id);
  if (result_of(task)) return;
  const auto failures = Trials({task}, 1).run([] {});
  if (!failures.empty()) throw Error(failures.front());
}

}  // namespace understudy::tools
