#pragma once
/// \file A folder of tasks that any process that sees it may do: plan.json says what they are for, tasks.jsonl has a
/// line each.
///
/// A line is an object: "id"; "arguments", the words after `understudy` that do the task, in the working folder
/// "folder"; "result", the file that is there once it is done; and whatever else those arguments need. Doing a task that
/// is done does nothing, doing one that was cut off goes on with it.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/types/error.h"

namespace understudy::tools {

/// Of plan.json and tasks.jsonl together. A program refuses another.
inline constexpr int kTasksVersion = 1;

struct Task {
  std::string id;
  std::vector<std::string> arguments;
  std::filesystem::path folder, result;
};

/// What one machine would have run, and who decided so.
struct Plan {
  std::vector<std::string>
      command;  ///< the words after `understudy` that do all of it, and make its table and page
  std::filesystem::path folder;              ///< in which the command's relative paths begin, absolute
  std::filesystem::path out;                 ///< of the tasks, absolute
  int threads = 1;                           ///< of a task
  std::string content;                       ///< digest of all that the tasks were made of
  std::vector<std::string> plugins{};        ///< that the tasks need
  std::string program, revision, processor;  ///< of whoever planned
};

/// Writes through a name of its own, so that machines that write the same do not meet. Throws like durable_write.
void shared_write(const std::filesystem::path& file, const std::string& content);

/// Makes the file, which has all its content at once; false when there is one, whoever made it. Also on NFS exactly one
/// of those that try at the same moment does. Throws Error.
bool write_once(const std::filesystem::path& file, const std::string& content);

/// Notes the plan in `plan.out`, unless it is there already. Throws Error when another one is.
void write_plan(const Plan& plan);
/// `place`: the folder, or a file in it. Throws Error, in one line, for no such folder, a plan of another version, or
/// one that was made where the folder has another name.
Plan read_plan(const std::filesystem::path& place);
/// Throws Error when the tasks were planned by another program than this one, whose results may differ.
void want_same_program(const Plan& plan);

/// The lines of tasks.jsonl in `out`. Throws Error.
std::vector<Task> read_tasks(const std::filesystem::path& out);
/// The line of `id` as it stands there. Throws Error when there is none.
std::string find_task_line(const std::filesystem::path& out, const std::string& id);

/// Who made a result: program, revision and processor, as JSON.
std::string maker_json();

}  // namespace understudy::tools
