#include "tools/tasks/work.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <thread>

#include "datasets/storage/durable_file.h"
#include "tools/console/console.h"
#include "tools/console/training_process.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kPoll = std::chrono::milliseconds(50);
constexpr auto kLook = std::chrono::seconds(1);      ///< between looks for a task where none was free
constexpr auto kPatience = std::chrono::minutes(5);  ///< with tasks that save before they stop

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// This process's share of the work.
class Worker {
 public:
  Worker(const Plan& plan, const WorkOptions& options)
      : out_(plan.out), options_(options), claims_(out_, options.stale, options.tries) {
    std::error_code failed;
    fs::create_directory(out_ / "logs", failed);
    if (failed) throw Error((out_ / "logs").string() + ": cannot be made: " + failed.message());
    read_again();
  }

  /// Until nothing is left to do here. False when others still are at it.
  bool run(Progress& progress) {
    try {
      for (;;) {
        if (interrupted()) stop();
        collect();
        touch();
        if (is_time_to_look()) {
          const bool taken = take_next();
          progress.update(static_cast<double>(count()));
          if (taken) continue;
          if (running_.empty() && (taken_ == 0 || !options_.wait)) return taken_ == 0;
          next_look_ = Clock::now() + kLook;
        }
        std::this_thread::sleep_for(kPoll);
      }
    } catch (...) {
      end_all();
      throw;
    }
  }

  void read_again() {
    tasks_ = read_tasks(out_);
    done_.assign(tasks_.size(), false);
    look_for_results();
    next_look_ = {};
  }

  std::size_t count() const { return static_cast<std::size_t>(std::count(done_.begin(), done_.end(), true)); }
  std::size_t size() const { return tasks_.size(); }
  std::vector<GivenUp> all_given_up() {
    const std::set<std::string> open = look_for_results();
    const auto latest = claims_.look([&](const std::string& id) { return open.count(id) > 0; });
    std::vector<GivenUp> list;
    for (const auto& [id, claim] : latest)
      if (auto one = given_up(out_, claims_, claim)) list.push_back(std::move(*one));
    return list;
  }

 private:
  struct Running {
    Task task;
    Claim claim;
    Clock::time_point start;
    std::unique_ptr<TrainingProcess> process;
    bool lost = false;  ///< somebody else has taken over
  };

  bool is_time_to_look() const {
    return running_.size() < static_cast<std::size_t>(options_.jobs) && Clock::now() >= next_look_;
  }

  /// The ids of tasks that have none. Folders are listed rather than asked for each file: it is faster on a network, which
  /// also remembers for a while that a file was not there.
  std::set<std::string> look_for_results() {
    std::map<fs::path, std::set<std::string>> names;
    std::set<std::string> open;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (done_[i]) continue;
      const fs::path folder = tasks_[i].result.parent_path();
      const auto [found, added] = names.try_emplace(folder);
      std::error_code none_yet;
      if (added) {
        for (const auto& entry : fs::directory_iterator(folder, none_yet))
          found->second.insert(entry.path().filename().string());
      }
      done_[i] = found->second.count(tasks_[i].result.filename().string()) > 0;
      if (!done_[i]) open.insert(tasks_[i].id);
    }
    return open;
  }

  /// Claims and starts the first free task. Counts those that others are at.
  bool take_next() {
    const auto before = Clock::now();
    const std::set<std::string> open = look_for_results();
    const auto latest = claims_.look([&](const std::string& id) { return open.count(id) > 0; });
    if (since(before) > options_.stale / 3) hear_others_first();
    taken_ = 0;
    for (const Task& task : tasks_) {
      if (open.count(task.id) == 0) continue;
      const auto found = latest.find(task.id);
      const auto known = found == latest.end() ? std::nullopt : std::optional<Claim>(found->second);
      const Chance chance = claims_.chance(known);
      const bool hearing = chance == Chance::kFree && known && known->state == Claim::State::kRunning &&
                           Clock::now() < hearing_until_;
      if (chance == Chance::kTaken || hearing) ++taken_;
      if (chance != Chance::kFree || hearing) continue;
      const auto claim = claims_.take(task.id, known);
      if (!claim) {
        ++taken_;
        continue;
      }
      start(task, *claim);
      return true;
    }
    return false;
  }

  /// The file server was away, or this machine: others' claims are old too, and may live.
  void hear_others_first() {
    hearing_until_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(options_.stale));
  }

  void start(const Task& task, const Claim& claim) {
    running_.push_back({task, claim, Clock::now(), std::make_unique<TrainingProcess>()});
    try {
      running_.back().process->start(task.arguments, log_of(out_, task.id), task.folder);
    } catch (...) {
      running_.pop_back();
      claims_.give_back(claim);
      throw;
    }
  }

  void collect() {
    for (std::size_t i = running_.size(); i-- > 0;) {
      const auto outcome = running_[i].process->poll();
      if (!outcome) continue;
      const Running one = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      next_look_ = {};
      if (!one.lost) take_note(one, *outcome);
    }
  }

  void take_note(const Running& one, const TrainingProcess::Outcome& outcome) {
    if (outcome.trained && fs::exists(one.task.result)) {
      claims_.end(one.claim, Claim::State::kDone, since(one.start));
      return;
    }
    if (outcome.code == kTryAgain || ending_) return claims_.give_back(one.claim);
    const auto says = [&](const std::string& text) { return outcome.last.find(text) != std::string::npos; };
    for (const int reason : {ENOSPC, EDQUOT, EFBIG}) {
      if (!says(std::strerror(reason))) continue;
      claims_.give_back(one.claim);  // the others would not get far either
      throw Error(out_.string() + ": " + std::strerror(reason) +
                  "; free some space and run the same command again, it goes on (" +
                  log_of(out_, one.task.id).string() + ")");
    }
    const std::string line = outcome.trained ? "want " + one.task.result.string() + " after it, found none"
                             : outcome.last.empty() ? outcome.complaint
                                                    : outcome.last;
    claims_.end(one.claim, Claim::State::kFailed, since(one.start), line, outcome.code == 2);
  }

  /// Says that what runs here is alive, and lets go of what somebody took over.
  void touch() {
    // Often enough for those who wait no longer than is usual.
    const auto now = std::chrono::system_clock::now();
    const double silent = std::chrono::duration<double>(now - touched_).count();
    if (silent >= 0 && silent < std::min(options_.stale, WorkOptions().stale) / 6) return;
    if (silent > options_.stale / 3) hear_others_first();
    touched_ = now;
    for (Running& one : running_) {
      if (one.lost || claims_.touch(one.claim)) continue;
      one.lost = true;
      one.process->stop();
    }
  }

  /// Lets everything that runs here save, and gives it back.
  void end_all() {
    ending_ = true;
    for (const Running& one : running_) one.process->stop();
    for (const auto start = Clock::now(); !running_.empty() && Clock::now() - start < kPatience;) {
      collect();
      touch();
      std::this_thread::sleep_for(kPoll);
    }
  }

  [[noreturn]] void stop() {
    end_all();
    look_for_results();
    throw Interrupted("stopped with " + std::to_string(count()) + " of " + std::to_string(size()) +
                      " tasks done, those that ran here have saved; the same command goes on");
  }

  fs::path out_;
  WorkOptions options_;
  Claims claims_;
  std::vector<Task> tasks_;
  std::vector<bool> done_;
  std::vector<Running> running_;
  bool ending_ = false;
  std::size_t taken_ = 0;  ///< by others, at the last look
  Clock::time_point next_look_{}, hearing_until_{};
  std::chrono::system_clock::time_point touched_ = std::chrono::system_clock::now();  ///< goes on in sleep
};

}  // namespace

fs::path log_of(const fs::path& out, const std::string& task) {
  return out / "logs" / (task + ".log");
}

std::optional<GivenUp> given_up(const fs::path& out, const Claims& claims, const Claim& claim) {
  if (claims.chance(claim) != Chance::kGivenUp) return std::nullopt;
  std::string what = claim.complaint;
  if (what.starts_with("understudy: ")) what.erase(0, 12);
  if (claim.state == Claim::State::kRunning) what = "its process on " + claim.host + " went away";
  return GivenUp{claim.task, claim.task + " failed in " + std::to_string(claim.attempt) +
                                 (claim.attempt == 1 ? " try: " : " tries, lastly: ") + what + " (" +
                                 log_of(out, claim.task).string() + ")"};
}

void want_nobody_at_work(const fs::path& out) {
  if (!fs::exists(out / "claims")) return;
  const WorkOptions usual;
  const Claims claims(out, usual.stale, usual.tries);
  for (const auto& [id, claim] : claims.look([](const std::string&) { return true; })) {
    if (claim.state != Claim::State::kRunning || claims.is_dead(claim)) continue;
    throw Error(out.string() + ": process " + std::to_string(claim.process) + " on " + claim.host +
                " is at work in it; wait for its end (`understudy status " + out.string() +
                "`), or share the work by `understudy work`");
  }
}

TaskStates task_states(const Plan& plan, const WorkOptions& options) {
  const Claims claims(plan.out, options.stale, options.tries);
  const auto latest = claims.look([](const std::string&) { return true; });
  TaskStates states;
  double seconds = 0;
  int timed = 0;
  for (const Task& task : read_tasks(plan.out)) {
    const auto found = latest.find(task.id);
    if (fs::exists(task.result)) {
      ++states.done;
      if (found == latest.end() || found->second.state != Claim::State::kDone) continue;
      seconds += found->second.seconds;
      ++timed;
    } else if (found == latest.end() || claims.chance(found->second) == Chance::kFree) {
      ++states.waiting;
    } else if (auto one = given_up(plan.out, claims, found->second)) {
      states.given_up.push_back(std::move(*one));
    } else {
      states.running.push_back(found->second);
    }
  }
  if (timed > 0) states.mean_seconds = seconds / timed;
  return states;
}

WorkOutcome work(const Plan& plan, const WorkOptions& options,
                 const std::function<bool(const std::vector<GivenUp>&)>& more) {
  Worker worker(plan, options);
  WorkOutcome outcome;
  for (bool again = true; again;) {
    Progress progress("work", static_cast<double>(worker.size()), "tasks",
                      static_cast<double>(worker.count()));
    const bool over = worker.run(progress);
    outcome.given_up = worker.all_given_up();
    // Another worker may have added what comes next.
    again = over && (more(outcome.given_up) || read_tasks(plan.out).size() != worker.size());
    if (again) worker.read_again();
  }
  outcome.done = static_cast<int>(worker.count());
  outcome.all = static_cast<int>(worker.size());
  return outcome;
}

}  // namespace understudy::tools
