#pragma once
/// \file Acting at random: the control that every learner has to beat.

#include <memory>

#include "envs/contract/actor.h"

namespace understudy {

/// Uniform actions in [-1, 1], drawn from each row's seed. Throws Error unless `act_dim` is positive.
std::unique_ptr<Actor> make_random_actor(int act_dim);

}  // namespace understudy
