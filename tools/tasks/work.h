#pragma once
/// \file Doing the tasks of a folder beside whoever else does, in processes of this machine.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/tasks/claims.h"
#include "tools/tasks/task_list.h"

namespace understudy::tools {

struct WorkOptions {
  int jobs = 1;
  double stale = 60;  ///< s of silence after which a claim is taken over
  int tries = 3;      ///< of a task
  bool wait = true;   ///< for tasks that others do, in case they die; else this returns when none is free
};

/// A task that all its tries failed.
struct GivenUp {
  std::string task;
  std::string line;  ///< what was wrong, and the log
};

struct WorkOutcome {
  int done = 0, all = 0;
  std::vector<GivenUp> given_up;
};

std::filesystem::path log_of(const std::filesystem::path& out, const std::string& task);
/// Nothing when the task of this claim, its latest, may still be tried.
std::optional<GivenUp> given_up(const std::filesystem::path& out, const Claims& claims, const Claim& claim);
/// Throws Error, saying who, while somebody does a task of this folder, which need not have a plan.
void want_nobody_at_work(const std::filesystem::path& out);

/// Where the tasks of a plan stand.
struct TaskStates {
  int done = 0, waiting = 0;
  std::vector<Claim> running;  ///< their claims
  std::vector<GivenUp> given_up;
  double mean_seconds = 0;  ///< that those took which are done; 0: not known
};
TaskStates task_states(const Plan& plan, const WorkOptions& options);

/// Until every task is done or given up. `more` is asked then whether there are others now, as of a sweep's next round;
/// it is told which were given up, and says whether it wrote lines to tasks.jsonl. Shows progress on stderr. Throws
/// Interrupted after Ctrl-C or SIGTERM once every task has saved; its claims are given back.
WorkOutcome work(const Plan& plan, const WorkOptions& options,
                 const std::function<bool(const std::vector<GivenUp>&)>& more);

}  // namespace understudy::tools
