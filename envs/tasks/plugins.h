#pragma once
/// \file Loading tasks from shared libraries (envs/contract/plugin.h).

#include <string>

namespace understudy {

/// Makes the tasks of the plugin `file` known to the registry; a file that is loaded already changes nothing.
/// To be called before anything else runs, as add_tasks(). Throws UsageError when the file is no plugin, and
/// Error when it was built with something else than this program (none of its code has run then), cannot be
/// loaded, throws, or has a task that is known already.
void load_plugin(const std::string& file);

}  // namespace understudy
