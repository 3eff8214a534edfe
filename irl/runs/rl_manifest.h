#pragma once
/// \file manifest.json of a reinforcement-learning or inverse-RL run.

#include <cstdint>
#include <filesystem>

#include "bc/runs/run_directory.h"
#include "irl/experts/expert_transitions.h"
#include "irl/runs/rl_run.h"
#include "irl/runs/rl_run_config.h"

namespace understudy {

/// What it says of a run. The options are resolved.
struct RlManifest {
  const RlRunConfig& config;
  const ExpertData* expert;  ///< null: nothing is imitated
  const RlResult* result;    ///< null: the run goes on
  std::uint64_t updates;     ///< gradient steps of the policy so far; part of the result
};

/// Replaces the file, program and libraries included. Throws Error when the disk is full.
void write_rl_manifest(const RunDirectory& directory, const RlManifest& manifest);

/// True when the run directory holds a run of this kind, false for one of behavioural cloning. Throws Error when it
/// holds none.
bool is_rl_run(const std::filesystem::path& run);

}  // namespace understudy
