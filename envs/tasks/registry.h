#pragma once
/// \file The tasks of the program: those of this folder's rooms, and those of plugins. A new task is its own
/// pair of files, a test and its name in the CMakeLists.txt of its room.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/task_list.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {

/// Known task ids, in alphabetical order.
std::vector<std::string> environment_ids();

/// Makes the tasks of `list` known. Throws Error, and adds none, when one of their ids is known already. To
/// be called before anything else runs: the functions below may run on several threads, this one may not
/// beside them.
void add_tasks(const TaskList& list);

/// The task called `id`, inside a TimeLimit of its horizon. A task that works with any robot takes a URDF
/// file after a colon, "JointControl:my_robot.urdf", and Reach also one of its links,
/// "Reach:my_robot.urdf#hand". Throws UsageError that lists the known tasks and suggests the nearest, and
/// Error for a file that is no robot.
std::unique_ptr<Environment> make_environment(const std::string& id);
/// The same with every episode varied by what `randomisation` draws for its seed. Throws UsageError too when
/// that does not fit the task.
std::unique_ptr<Environment> make_environment(const std::string& id, const Randomisation& randomisation);

/// The URDF file that `id` names, if any. Throws UsageError like make_environment.
std::optional<std::filesystem::path> robot_file(const std::string& id);

/// Whether the task has a scripted expert; locomotion has none, its experts are trained. Throws like
/// make_environment.
bool has_expert(const std::string& id);

/// In which ways the task's expert can go about it (Task::ways). Throws like make_environment.
std::string expert_ways(const std::string& id);

/// The task's scripted expert: a deterministic function of the observation. Throws like make_environment, and
/// UsageError for a task without one.
std::unique_ptr<Actor> make_expert(const std::string& id, const ExpertStyle& style = {});

}  // namespace understudy
