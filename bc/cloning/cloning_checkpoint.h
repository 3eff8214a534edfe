#pragma once
/// \file Everything a run remembers, in one checksummed file.

#include <filesystem>
#include <string>
#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_run_config.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// A policy that did well enough to be tried again at the end.
struct Candidate {
  int epoch = 0;
  EvaluationSummary evaluation;
};

/// Better first: more success, then more return; of equals the earlier.
bool better(const EvaluationSummary& a, const EvaluationSummary& b);

/// A run between two epochs.
struct Checkpoint {
  CloningRunConfig config;
  std::string dataset_sha256;
  int epoch = 0;  ///< epochs finished
  CloningState training;
  std::vector<Candidate> candidates;  ///< best first; each has a checkpoint of its own
  std::string metrics;                ///< metrics.csv up to `epoch`
  bool finished = false;              ///< the final evaluation is done, too
  Candidate best;                     ///< what it found; only when finished
};

/// The file's bytes: a header in JSON, the arrays, a CRC-32C over both.
std::string to_bytes(const Checkpoint& checkpoint);

/// Throws Error in one line naming `place` when the bytes are truncated, damaged or of another version.
Checkpoint checkpoint_from_bytes(const std::string& bytes, const std::string& place);

}  // namespace understudy
