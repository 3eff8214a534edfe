#pragma once
/// \file Demonstrations in whose pictures alone it is seen what to do.

#include <cstdint>
#include <filesystem>

#include "envs/contract/environment.h"

namespace understudy::tests {

/// A red and a green square move about in pictures of 24 x 20 of the camera "eye"; a second camera, "other", of 16 x 16,
/// shows noise. The action is where the red one lies from the green one, in shares of 8 pixels. The observation has
/// "clock", the step's share of the episode, and "secret", the action.
EnvironmentSpec squares_task();

/// Records `episodes` of `steps` each into `file`, with pictures.
void write_squares(const std::filesystem::path& file, int episodes, int steps, std::uint64_t seed);

}  // namespace understudy::tests
