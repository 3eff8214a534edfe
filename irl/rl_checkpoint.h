#pragma once
/// \file A reinforcement-learning run in one checksummed file.

#include <string>
#include <vector>

#include "bc/policy.h"
#include "envs/evaluation.h"
#include "irl/archive.h"

namespace understudy {

/// A policy that did well enough to be tried again at the end.
struct RlCandidate {
  int steps = 0;
  double mean_return = 0;
  double success_rate = 0;
  Vector parameters;
  Vector mean, scale;  ///< of the normaliser

  void serialise(Archive& archive);
};

/// Magic, the run's options as JSON, an archive, and a CRC-32C over all.
std::string rl_checkpoint_bytes(const std::string& config, const std::string& archive);

struct RlCheckpointParts {
  std::string config;
  std::string archive;
};
/// Throws Error in one line naming `place` when the bytes are truncated, damaged or of another kind.
RlCheckpointParts parse_rl_checkpoint(const std::string& bytes, const std::string& place);

}  // namespace understudy
