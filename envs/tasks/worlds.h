#pragma once
/// \file The worlds that tasks may be built in instead of the toolkit's own.

#include <functional>
#include <memory>
#include <string>

#include "envs/contract/environment.h"
#include "envs/randomisation/randomisation.h"

namespace understudy {

/// The same task in another world (envs/other_world/other_world.h), from one without its time limit.
using WorldMaker = std::function<std::unique_ptr<Environment>(std::unique_ptr<Environment> task)>;

/// From here on make_environment() builds every task in `world`; an empty one stands for the toolkit's own. To be called
/// before anything else runs, as add_tasks().
void use_world(WorldMaker world);

/// make_environment() in a world of its own, whatever use_world() said: two worlds side by side.
std::unique_ptr<Environment> make_environment_in(const WorldMaker& world, const std::string& id,
                                                 const Randomisation& randomisation = {});

}  // namespace understudy
