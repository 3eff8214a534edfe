#pragma once
/// \file Private to envs: what the wheels of Drive's cars roll on.

#include <vector>

#include "envs/tasks/driving/drive_kerb.h"
#include "envs/world/bullet_world.h"

namespace understudy::drive {

/// Adds the ground, an endless plane at z = 0, and the kerbs, and returns the two in this order.
std::vector<const btCollisionObject*> add_road(BulletWorld& world, const Kerbs& kerbs);

}  // namespace understudy::drive
