#pragma once
/// \file A reinforcement-learning run in one checksummed file.

#include <string>

#include "datasets/storage/archive.h"
#include "envs/rollouts/batched_environment.h"
#include "irl/runs/rl_run.h"

namespace understudy {

/// Magic, the run's options as JSON, an archive, and a CRC-32C over all.
std::string rl_checkpoint_bytes(const std::string& config, const std::string& archive);

struct RlCheckpointParts {
  std::string config;
  std::string archive;
};
/// Throws Error in one line naming `place` when the bytes are truncated, damaged or of another kind.
RlCheckpointParts parse_rl_checkpoint(const std::string& bytes, const std::string& place);

/// Each environment is its episode's seed and actions so far. Loading repeats them, and returns where that led; saving
/// returns null.
const BatchStep* serialise_environments(Archive& archive, BatchedEnvironment& environments);

/// Summary, middle and distance; a distance is given back where there is an expert's return.
void serialise_result(Archive& archive, RlResult& result);

}  // namespace understudy
