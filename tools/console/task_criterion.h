#pragma once
/// \file Whether there is such a thing as success: one answer for every command.

#include <string>

namespace understudy::tools {

/// False only for a task that is known and has no success criterion: of others nothing can be said, and their files
/// are believed.
bool has_success(const std::string& environment_id);

}  // namespace understudy::tools
