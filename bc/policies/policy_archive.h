#pragma once
/// \file Policies in checkpoints.

#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"

namespace understudy {

<<<<<<< ours
/// Everything that `policy` is, bit for bit. Loading throws Error, and leaves `policy` as it was, when what
/// was saved makes no policy: another kind of network than this program knows, sizes that do not fit, numbers
/// that are not finite.
=======
/// The network with its normaliser; task and provenance are the run's. Loading throws Error unless it makes
/// sense.
>>>>>>> theirs
void serialise_policy(Archive& archive, Policy& policy);

}  // namespace understudy
