#include "tools/console/robot_warnings.h"

#include <cstdio>

#include "datasets/types/printable.h"
#include "envs/tasks/registry.h"

namespace understudy::tools {

void warn_about_robot(const std::string& environment_id) {
  if (!robot_file(environment_id)) return;
  const auto environment = make_environment(environment_id);
  for (const std::string& line : environment->spec().warnings)
    std::fprintf(stderr, "warning: %s\n", printable(line).c_str());
}

}  // namespace understudy::tools
