#pragma once
/// \file Actors that look at the task's picture and not only at its observation.

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"

namespace understudy {

/// Acts in one environment, in row 0: observations are of the moment that its scene() shows.
class WatchingActor : public Actor {
 public:
  /// To be called before the first reset; the environment must outlive the actor, or its last use.
  virtual void watch(Environment& environment) = 0;
};

/// Tells an actor that watches what to watch. Whoever runs an actor in an environment calls it.
inline void watch(Actor& actor, Environment& environment) {
  if (auto* watching = dynamic_cast<WatchingActor*>(&actor)) watching->watch(environment);
}

}  // namespace understudy
