#pragma once
/// \file Private to envs: the ground that robots walk on, as it is drawn.

#include "envs/contract/scene.h"

namespace understudy {

/// A tiled plane at z = 0, 12 m to either side of the x axis, from x = -20 m to 160
/// m, with a line every metre.
void add_ground(Scene& scene);

}  // namespace understudy
