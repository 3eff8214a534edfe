#pragma once
/// \file The slow way to act: a policy's TorchScript run by LibTorch, as Python would run it. It is the
/// reference that `policy_actor` is measured against.

#include <filesystem>
#include <memory>

#include "envs/contract/actor.h"

namespace understudy {

/// Runs the `forward` of the TorchScript archive at `path`, observations `[batch, obs_dim]` to actions
/// `[batch, act_dim]`. Its reset() begins a new episode in all rows. LibTorch runs code of the archive,
/// already when it loads it: only for files of one's own making. Throws Error when it cannot be read; act()
/// throws Error when it returns another shape.
std::unique_ptr<Actor> script_actor(const std::filesystem::path& path);

}  // namespace understudy
