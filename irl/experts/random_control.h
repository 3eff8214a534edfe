#pragma once
/// \file The control of an imitation experiment: what comes of imitating an actor that acts at random.

#include <cstdint>
#include <string>

#include "datasets/types/rng.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// Puts episodes of a random actor in the demonstrations' place, as many as there were and subsampled alike.
/// Hash, mean return and mean length stay those of the demonstrations, which results are compared with.
/// `run_seed` chooses the episodes, `rng` draws the first steps.
void replace_by_random(ExpertData& data, const std::string& environment_id, std::uint64_t run_seed,
                       const DemonstrationChoice& choice, Rng& rng);

}  // namespace understudy
