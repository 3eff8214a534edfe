#pragma once
/// \file Policies that did well enough in training to be tried again at the end.

#include <vector>

#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// What tells a policy from the others of its run.
struct RlCandidate {
  int steps = 0;  ///< at which it was taken
  double mean_return = 0;
  double success_rate = 0;
  Vector parameters;
  Vector mean, scale;  ///< of the normaliser

  /// `policy` with this candidate's parameters and normaliser.
  Policy in(Policy policy) const;
};

RlCandidate candidate_of(int steps, const Policy& policy, const EvaluationSummary& evaluation);

/// Puts `candidate` where it belongs among those so far, best first; of equals the older. The best three stay.
void consider(std::vector<RlCandidate>& candidates, RlCandidate candidate);

void serialise_candidates(Archive& archive, std::vector<RlCandidate>& candidates);

}  // namespace understudy
