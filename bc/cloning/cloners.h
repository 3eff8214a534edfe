#pragma once
/// \file The Cloner that a run's options ask for.

#include <memory>
#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_run_config.h"
#include "bc/policies/policy.h"
#include "envs/contract/environment.h"

namespace understudy {

/// For a resolved config, of what policies in `spec` are given. `cameras`: whose pictures the pairs have. `warm_start`: policy whose numbers and normaliser it begins with; null: none. Throws like the
/// constructors of Cloning and SequenceCloning, and Error when a warm start is of other spaces.
std::unique_ptr<Cloner> make_cloner(const CloningRunConfig& config, CloningPairs training,
                                    const std::vector<SightCamera>& cameras, const EnvironmentSpec& spec,
                                    const Policy* warm_start = nullptr,
                                    std::shared_ptr<Ranks> ranks = single_rank());

/// Reads config.warm_start, if any, and takes over its kind and sizes; resolves. Throws Error naming the file.
std::shared_ptr<const Policy> resolve_with_warm_start(CloningRunConfig& config, const EnvironmentSpec& spec);

}  // namespace understudy
