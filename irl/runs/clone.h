#pragma once
/// \file The clone of the demonstrations that an imitation run may begin at.

#include <cstdint>
#include <memory>
#include <vector>

#include "bc/policies/policy.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// Clones raw transitions of the task (bc/cloning/cloning.h) by an MLP of these hidden widths, over kCloneUpdates updates, in
/// seconds. Same transitions and seed: same bits. A warm start for any learner. Throws like Cloning.
std::shared_ptr<const Policy> clone_of(const ExpertTransitions& expert, const EnvironmentSpec& spec,
                                       const std::vector<int>& hidden, std::uint64_t seed);

/// As many as `train bc` makes by default.
inline constexpr int kCloneUpdates = 6000;

}  // namespace understudy
