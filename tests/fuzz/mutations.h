#pragma once
/// \file Damage: small changes to bytes, as disks, editors and adversaries make them.

#include <string>
#include <vector>

#include "datasets/types/rng.h"

namespace understudy::tests {

/// `input` with a few changes: bits, bytes, runs, integers at the edges of their range, pieces cut, doubled or
/// brought in from `others`; for `text` also numbers, words and brackets in place of others.
std::string mutated(std::string input, const std::vector<std::string>& others, bool text, Rng& rng);

}  // namespace understudy::tests
