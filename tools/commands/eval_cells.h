#pragma once
/// \file A policy in a task with a perturbation, whose result is a file named by all that it depends on.

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "envs/randomisation/randomisation.h"
#include "envs/rollouts/evaluation.h"
#include "tools/console/evaluation_options.h"

namespace understudy::tools {

struct EvaluationCell {
  std::string task, policy;
  std::string perturbation;  ///< its name
  Randomisation randomisation;
  std::filesystem::path file{};  ///< OUT/cells/DIGEST.json

  std::string id() const { return file.stem().string(); }
};

/// Finds a cell's file, reading each policy once for its digest. In a folder with a plan the digest is of the planner's
/// kind of processor, wherever this runs. Throws Error where the plan is another program's.
class CellNames {
 public:
  explicit CellNames(std::filesystem::path out);
  /// Throws UsageError when the randomisation does not fit the task.
  void name(EvaluationCell& cell, const EvaluationChoice& evaluation);

 private:
  std::filesystem::path out_;
  std::string processor_;
  std::map<std::string, std::string> identities_;
};

/// Makes the folder, unless something else is in it. Throws Error.
void want_cells_folder(const std::filesystem::path& out);

/// Evaluates the cell unless its file is there. `what` names it in the progress. Throws Interrupted on Ctrl-C.
void evaluate_cell(const EvaluationCell& cell, const EvaluationChoice& evaluation, const std::string& what);
/// What stands in the file, one of the `policies` of `eval --json`. Throws Error when it is damaged.
nlohmann::ordered_json read_cell(const EvaluationCell& cell);
/// The episodes of such a result.
std::vector<EpisodeOutcome> outcomes_of(const nlohmann::ordered_json& result);

/// What is to be done with cells.
struct CellWork {
  std::string task{};    ///< id of the only one that is evaluated; nothing is put together
  bool collect = false;  ///< none is evaluated
  bool partial = false;  ///< when collecting: those that are missing are left out
};

/// The cell of a line of OUT/tasks.jsonl; of no task every cell, so that the others' policies need not be read.
class CellFilter {
 public:
  /// Throws Error when there is no such line.
  CellFilter(const std::string& out, const std::string& task);
  bool wants(const std::string& task, const std::string& policy, const std::string& perturbation) const;

 private:
  std::vector<std::string> names_;
};

/// Evaluates what `work` wants. Returns the cells that are there then, of all. Throws Interrupted on Ctrl-C; Error when
/// cells are missing that are not to be.
std::vector<EvaluationCell> work_on_cells(std::vector<EvaluationCell> cells,
                                          const EvaluationChoice& evaluation, const std::string& out,
                                          const CellWork& work);

/// A file that a plan keeps a copy of.
struct KeptFile {
  std::string name{}, content{};  ///< in the plan's folder; empty: there is none
};

/// Writes the folder's plan and a line of tasks.jsonl for each cell. `command`: the words after `understudy` that
/// evaluate all of them. Throws like write_plan.
void plan_cells(const std::vector<EvaluationCell>& cells, const std::vector<std::string>& command,
                const std::string& out, int threads, const KeptFile& kept);

}  // namespace understudy::tools
