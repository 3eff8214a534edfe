#pragma once
/// \file Worlds that stand for reality: the same tasks built differently (docs/worlds.md). What comes out of one is
/// observations, rewards and success; bc and irl do not link this target.

#include <filesystem>

#include "envs/other_world/world_constants.h"
#include "envs/tasks/worlds.h"

namespace understudy {

/// Reads a file of parse_world(), or takes the preset of that name (world_presets()). Throws UsageError when it cannot be read or is wrong.
WorldFile read_world(const std::filesystem::path& file);

/// Builds tasks in the world that `file` describes, each with its actuators and sensors. What it is given has to be a task
/// of bodies; it throws UsageError for one that simulates itself.
WorldMaker other_world(const WorldFile& file);

}  // namespace understudy
