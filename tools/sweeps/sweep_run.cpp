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
#include "datasets/types/shell_quoted.h"
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
      if (Clock::now() - start > kPatience || interrupted()) throw;
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
    auto process = std::make_unique<TrainingProcess>();
    process->start(next_arguments(task), task.run.string() + ".log", task.folder);
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

std::string round_name(const SweepPlan& plan, std::optional<int> budget) {
  return budget ? "sweep, " + std::to_string(*budget) + " " + plan.budget.option : "sweep";
}

}  // namespace

SweepState look_at_sweep(const SweepPlan& plan, const fs::path& folder,
                         const std::set<std::string>& given_up) {
  SweepState state;
  std::vector<Configuration> alive = configurations(plan);
  const auto rounds = budgets(plan);
  for (std::size_t round = 0; round < rounds.size(); ++round) {
    state.budget = rounds[round];
    state.tasks.clear();
    std::vector<SweepRow> rows;
    for (const Configuration& configuration : alive) {
      std::vector<SweepTask> tasks;
      for (const std::uint64_t seed : plan.seeds) {
        tasks.push_back(make_task(plan, folder, configuration, seed, state.budget));
        state.lines += task_line(tasks.back(), folder);
        if (given_up.count(tasks.back().id) == 0 && !result_of(tasks.back()))
          state.open.push_back(tasks.back());
      }
      rows.push_back(sweep_row(configuration, state.budget, tasks));
      state.tasks.insert(state.tasks.end(), tasks.begin(), tasks.end());
    }
    if (!state.open.empty()) return state;
    sort_rows(rows, plan.metric);
    const auto factor = static_cast<std::size_t>(plan.budget.factor);
    const std::size_t kept = round + 1 == rounds.size() ? 0 : (rows.size() + factor - 1) / factor;
    alive.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i < kept && rows[i].figure(plan.metric)) {
        alive.push_back(rows[i].configuration);
      } else {
        state.rows.push_back(std::move(rows[i]));
      }
    }
  }
  sort_rows(state.rows, plan.metric);
  return state;
}

SweepOutcome run_sweep(const SweepPlan& plan, const fs::path& folder, int jobs) {
  fs::create_directories(folder / "trials");
  fs::create_directories(folder / "results");
  // Who works on a plan claims its tasks; this here does not.
  if (fs::exists(folder / "plan.json") && !look_at_sweep(plan, folder, {}).open.empty())
    throw Error(folder.string() + ": is planned for several processes; go on with `understudy work " +
                shell_quoted(folder.string()) + "`");
  const DirectoryLock lock(folder / ".lock",
                           folder.string() + ": another sweep is running in it; wait for its end");
  SweepOutcome outcome;
  std::set<std::string> given_up;
  for (;;) {
    SweepState state = look_at_sweep(plan, folder, given_up);
    durable_write(folder / "tasks.jsonl", state.lines);
    if (state.open.empty()) {
      outcome.rows = std::move(state.rows);
      break;
    }
    for (const SweepTask& task : state.open) given_up.insert(task.id);  // whatever becomes of them now
    double finished = static_cast<double>(state.tasks.size() - state.open.size());
    Progress progress(round_name(plan, state.budget), static_cast<double>(state.tasks.size()), "trainings",
                      finished);
    Trials trials({state.open.begin(), state.open.end()}, jobs);
    for (std::string& line : trials.run([&] { progress.update(++finished); }))
      outcome.failures.push_back(std::move(line));
  }
  return outcome;
}

void run_task(const fs::path& folder, const std::string& id) {
  const SweepTask task = read_task(folder, id);
  if (result_of(task)) return;
  fs::create_directories(folder / "trials");
  const auto failures = Trials({task}, 1).run([] {});
  if (!failures.empty()) throw Error(failures.front());
}

}  // namespace understudy::tools
