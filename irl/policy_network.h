#pragma once
/// \file Actor networks from policies and back: what a warm start takes over, and what is saved.

#include <memory>

#include "bc/mlp.h"
#include "bc/policy.h"

namespace understudy {

/// An actor's network and its first parameters.
struct ActorStart {
  MlpSpec network;
  Vector parameters;
};

/// A network `spec`, orthogonal with a small last layer, so that the first actions hardly depend on the observation;
/// or, when `warm_start` is given, its hidden layers and means, any further outputs zero. `means` of the outputs are
/// the action's. Throws Error when the warm start is not for these dimensions or has no tanh on its action.
ActorStart start_actor(MlpSpec spec, int means, const Policy* warm_start, Rng& rng);

/// A deterministic policy tanh(means) of an actor's network: its first `means` outputs.
Policy mean_policy(const MlpSpec& network, ConstVectorRef parameters, int means);

}  // namespace understudy
