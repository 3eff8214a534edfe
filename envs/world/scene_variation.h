#pragma once
/// \file Private to envs: what a Variation does to the picture.

#include <cstdint>

#include "envs/contract/scene.h"
#include "envs/contract/variation.h"

namespace understudy {

/// Recolours shapes and meshes, moves and turns cameras, turns and dims the sun. Things of one colour keep
/// one colour.
void vary_scene(const Variation& variation, std::uint64_t seed, Scene& scene);

}  // namespace understudy
