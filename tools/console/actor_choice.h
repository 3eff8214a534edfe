#pragma once
/// \file What a user may name where a policy is wanted: a policy file, a run directory, `expert` or `random`.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "envs/contract/actor.h"
#include "envs/rendering/look.h"

namespace understudy::tools {

/// The task to run `policies` in: `environment` if given, else the one that the first policy file was trained
/// on. Throws UsageError when neither is known.
std::string chosen_environment(const std::vector<std::string>& policies, const std::string& environment);

/// Makes actors for `policy` in the task, to be given its own observations and to be let watch it. Throws Error when the file is no policy or does not fit the task. Pictures are as `looks` has
/// them.
ActorFactory actor_factory(const std::string& policy, const std::string& environment,
                           const std::optional<Looks>& looks = {});

/// How far `policy` doubts what to do at an observation `[obs_dim]`; empty where it cannot say.
std::function<float(ConstVectorRef)> doubt_of(const std::string& policy);

}  // namespace understudy::tools
