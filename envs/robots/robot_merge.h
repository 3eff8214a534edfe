#pragma once
/// \file Private to envs: joins links that hang on fixed joints into their parents.

#include "envs/robots/robot_model.h"

namespace understudy {

/// The same mechanics with fewer links: mass, inertia (parallel axes) and shapes of a link on a fixed joint
/// go to its parent. Links keep their order.
RobotModel merge_fixed_links(const RobotModel& model);

}  // namespace understudy
