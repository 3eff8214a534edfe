#pragma once
/// \file The tasks of a plan as an array of Slurm's jobs.

#include <string>

#include "tools/tasks/task_list.h"
#include "tools/tasks/work.h"

namespace understudy::tools {

struct ArrayOptions {
  int jobs = 0;         ///< at once; 0: as many as Slurm lets
  std::string options;  ///< of sbatch, for each job
  WorkOptions work{};   ///< of each element: `stale` and `tries`
  bool rounds = false;  ///< what is left of a round may be one task, after which there is work for all again
};

/// A script for sbatch. Every element takes the next free task until none is left, rather than the task of its number:
/// so the length of tasks does not matter, and those of a host that died are done by the other elements, without waiting
/// until Slurm starts theirs again. Cut off by the time limit, an element saves and puts itself in the queue again.
/// Throws UsageError for options that are none, Error when nothing is left to do.
std::string array_script(const Plan& plan, const ArrayOptions& options);

/// Keeps the script in the plan's folder and gives it to sbatch. What that said. Throws Error.
std::string submit(const Plan& plan, const std::string& script);

}  // namespace understudy::tools
