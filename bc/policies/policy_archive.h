#pragma once
/// \file Policies within checkpoints.

#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// The network with its normaliser; task and provenance are the run's. Loading throws Error unless it makes
/// sense.
void serialise_policy(Archive& archive, Policy& policy);

}  // namespace understudy
