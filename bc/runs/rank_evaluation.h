#pragma once
/// \file Episodes of an evaluation, shared by ranks.

#include <functional>
#include <optional>
#include <vector>

#include "bc/parallel/ranks.h"
#include "bc/runs/candidates.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// Calls `evaluate` with this rank's part of the episodes and returns the outcomes of all, in order: those that
/// `evaluate` would give for all of them. Fewer when any rank was stopped; then the same on all.
std::vector<EpisodeOutcome> evaluate_together(
    Ranks& ranks, const EvaluationOptions& options,
    const std::function<std::vector<EpisodeOutcome>(const EvaluationOptions&)>& evaluate);

/// All ranks have what rank 0 measured.
void broadcast(Ranks& ranks, std::optional<Closeness>& measured);

}  // namespace understudy
