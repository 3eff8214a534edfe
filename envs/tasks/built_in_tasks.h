#pragma once
/// \file Private to the registry: the tasks of this folder's rooms.

#include "envs/contract/task_list.h"

namespace understudy {

/// Those that the rooms' CMakeLists.txt name (understudy_add_tasks), each put on the list by its own source.
TaskList built_in_tasks();

}  // namespace understudy
