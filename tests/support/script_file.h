#pragma once
/// \file A file's TorchScript as an actor, for tests of what others will run.

#include <filesystem>
#include <memory>

#include "envs/contract/actor.h"

namespace understudy::tests {

/// Loads the archive at `file` with LibTorch, as Python's torch.jit.load would, which runs whatever code it has, and
/// runs its `forward`; its reset() begins a new episode in all rows.
std::unique_ptr<Actor> script_in_file(const std::filesystem::path& file);

}  // namespace understudy::tests
