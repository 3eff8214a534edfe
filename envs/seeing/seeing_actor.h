#pragma once
/// \file An actor that is given less of the observation than the task tells, and pictures instead.

#include <memory>
#include <optional>

#include "datasets/types/sight.h"
#include "envs/contract/watching_actor.h"
#include "envs/rendering/look.h"

namespace understudy {

/// Gives `actor` what `sight` says: the chosen fields of the task's `observation` and then the cameras' pictures as
/// numbers from 0 to 255 (seen_space). Between environment and actor, so that whoever runs it, records or compares sees
/// the task's own observation as ever. Throws Error when a field is not there, or this machine cannot draw. act()
/// throws UsageError listing the task's cameras when one is not there, and Error before watch(). With
/// `looks` the pictures are those of another camera; where each episode has a look of its own, by the seed of reset().
std::unique_ptr<WatchingActor> seeing_actor(std::unique_ptr<Actor> actor, const Sight& sight,
                                            const Space& observation, const std::optional<Looks>& looks = {});

}  // namespace understudy
