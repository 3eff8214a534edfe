#pragma once
/// \file The slow way to act: a policy's TorchScript run by LibTorch, as Python would run it. It is the
/// reference that `policy_actor` is measured against.

#include <memory>

#include "bc/policies/policy.h"

namespace understudy {

/// Runs the `forward` of the TorchScript that save_policy() writes for `policy`, which is made anew and not loaded
/// from anywhere: observations `[batch, obs_dim]` to actions `[batch, act_dim]`. Its reset() begins a new episode in
/// all rows. Throws Error when LibTorch cannot be loaded; act() throws Error when it returns another shape.
std::unique_ptr<Actor> script_actor(const Policy& policy);

}  // namespace understudy
