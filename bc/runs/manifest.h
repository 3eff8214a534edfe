#pragma once
/// \file manifest.json: what a run was made of, so that it can be made again.

#include <cstdint>
#include <string>

#include "bc/cloning/cloning_run.h"
#include "bc/cloning/cloning_run_config.h"
#include "bc/runs/run_directory.h"

namespace understudy {

/// The demonstrations as they were used.
struct ManifestData {
  std::string sha256;
  int training_episodes = 0;
  int validation_episodes = 0;
  int left_out_episodes = 0;
  std::int64_t training_transitions = 0;
  std::int64_t validation_transitions = 0;
};

/// Replaces manifest.json: learner, program version, git revision, compiler, library versions and BLAS, then the entries
/// of `more`, a JSON object. Throws Error when the disk is full.
void write_manifest(const RunDirectory& directory, const std::string& learner, const std::string& more);

/// Writes program version, git revision, compiler, library versions, BLAS, threads, seed, dataset and options;
/// and, once there is one, the result. Throws Error when the disk is full.
void write_manifest(const RunDirectory& directory, const CloningRunConfig& config, const ManifestData& data,
                    const TrainingResult* result);

}  // namespace understudy
