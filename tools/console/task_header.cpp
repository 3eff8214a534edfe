#include "tools/console/task_header.h"

namespace understudy::tools {

DatasetHeader task_header(const Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  DatasetHeader header;
  header.environment_id = spec.id;
  header.observation = spec.observation;
  header.action = spec.action;
  header.state_dim = environment.state_dim();
  header.control_rate = spec.control_rate;
  header.substeps = spec.substeps;
  header.horizon = spec.horizon;
  header.robot_sha256 = spec.robot_sha256;
  return header;
}

}  // namespace understudy::tools
