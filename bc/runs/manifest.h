#pragma once
/// \file manifest.json: what a run was made of, so that it can be made again, and what it came to.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bc/runs/run_directory.h"
#include "bc/runs/run_result.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// Replaces manifest.json: learner, program version, git revision, compiler, library versions, processor, BLAS and what
/// is wrong with its kernel, then the entries of `more`, an object. Throws Error when the disk is full.
void write_manifest(const RunDirectory& directory, const std::string& learner,
                    const nlohmann::ordered_json& more);

/// Whether manifest.json is there, whole, and says what the run came to.
bool manifest_has_result(const RunDirectory& directory);

/// What manifests say of an evaluation; null for success where the task has no criterion.
nlohmann::ordered_json summary_json(const EvaluationSummary& summary, bool has_success);
/// What they say of every run's result, but for the units of its policy.
nlohmann::ordered_json result_json(const RunResult& result, bool has_success);

/// The learner of the run in a directory. Throws Error like RunDirectory::open, and
/// when its manifest is damaged.
std::string learner_of(const std::filesystem::path& run);

}  // namespace understudy
