#pragma once
/// \file Policies in their task, pictures included.

#include <memory>
#include <optional>
#include <string>

#include "bc/policies/policy.h"
#include "bc/runs/run_hooks.h"
#include "envs/rendering/look.h"

namespace understudy::tools {

/// policy_actor() for the task's own observations: one that sees pictures is given them, once whoever runs it lets it
/// watch (envs/contract/watching_actor.h). Throws Error when this build or machine cannot draw.
std::unique_ptr<Actor> task_actor(const Policy& policy, const EnvironmentSpec& spec);

/// The same around `actor`, which is given what the policy's observation says, its pictures as `looks` has them.
std::unique_ptr<Actor> task_actor(const Policy& policy, const EnvironmentSpec& spec,
                                  std::unique_ptr<Actor> actor, const std::optional<Looks>& looks = {});

/// registered_task() whose policies act by task_actor.
TrainingTask drawn_task(const std::string& id);

}  // namespace understudy::tools
