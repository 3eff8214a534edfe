#pragma once
/// \file One training of a sweep, which any process that sees the sweep's folder may run: tasks.jsonl holds a line each.
///
/// A line is an object: "id", a digest of what is trained; "arguments", the words after `understudy` that run the task,
/// in the working folder "folder"; "result", the file that is there once it is done. Running a line that is done does
/// nothing, running one that was cut off goes on with it.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/sweeps/sweep_plan.h"

namespace understudy::tools {

struct SweepTask {
  std::string id;
  std::vector<std::string> train;     ///< the training command, --out included
  std::filesystem::path run, result;  ///< absolute
  std::string folder;                 ///< where the command's relative paths begin
  std::optional<int> steps;           ///< a run that is there already goes on to so many
};

/// `sweep`: the sweep's folder, absolute. The same configuration, seed and budget have the same id whatever else the
/// plan says.
SweepTask make_task(const SweepPlan& plan, const std::filesystem::path& sweep,
                    const Configuration& configuration, std::uint64_t seed, std::optional<int> budget);

/// The line of tasks.jsonl, and back.
std::string task_line(const SweepTask& task, const std::filesystem::path& sweep);
/// Throws Error when the folder has no such task.
SweepTask read_task(const std::filesystem::path& sweep, const std::string& id);

/// What `understudy` is to be run with so that the task goes on from where it is.
std::vector<std::string> next_arguments(const SweepTask& task);

/// Takes what the run came to into the task's result. False when the run is not finished.
bool keep_result(const SweepTask& task);
/// What it came to, without what is never the same twice; nothing before it is done.
std::optional<nlohmann::ordered_json> result_of(const SweepTask& task);

}  // namespace understudy::tools
