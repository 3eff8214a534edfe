#pragma once
/// \file Running the trainings of a sweep, several at once, until they are done or somebody says stop.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tools/sweeps/sweep_table.h"

namespace understudy::tools {

struct SweepOutcome {
  std::vector<SweepRow> rows;         ///< sorted
  std::vector<std::string> failures;  ///< one line a training that failed
};

/// How far a sweep is, by the results that are there.
struct SweepState {
  std::string lines;             ///< of tasks.jsonl, of every round that has begun
  std::vector<SweepTask> tasks;  ///< of the latest round
  std::vector<SweepTask> open;   ///< those of them that are not done
  std::optional<int> budget;     ///< of that round
  std::vector<SweepRow> rows;    ///< sorted; once nothing is open
};

/// `given_up`: tasks that count as done without a result. Paths of the command begin in the present folder.
SweepState look_at_sweep(const SweepPlan& plan, const std::filesystem::path& folder,
                         const std::set<std::string>& given_up = {});

/// Trains what the plan says and is not done yet, `jobs` at once. `folder` is made, and holds afterwards tasks.jsonl,
/// trials/ (run directories) and results/. Shows progress on stderr. A training that fails is left out, and
/// tried again next time. Throws UsageError when the first training refuses the command, Interrupted after Ctrl-C once
/// every training has saved.
SweepOutcome run_sweep(const SweepPlan& plan, const std::filesystem::path& folder, int jobs);

/// Runs one line of tasks.jsonl, unless it is done. Throws Error when the training fails; Interrupted likewise.
void run_task(const std::filesystem::path& folder, const std::string& id);

}  // namespace understudy::tools
