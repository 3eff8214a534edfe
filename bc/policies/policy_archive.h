#pragma once
/// \file Policies in checkpoints.

#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// Everything that `policy` is, bit for bit. Loading throws Error, and leaves `policy` as it was, when what
/// was saved makes no policy: another kind of network than this program knows, sizes that do not fit, numbers
/// that are not finite.
void serialise_policy(Archive& archive, Policy& policy);

}  // namespace understudy
