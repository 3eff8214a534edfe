#pragma once
/// \file The corners of what episodes are varied by: every quantity at its end.

#include "envs/randomisation/randomisation.h"

namespace understudy {

enum class Corner { kLow, kHigh };

/// Every quantity fixed at its lowest or its highest: the ends of a range (of an adaptive one, how far it may go), the
/// least or greatest choice, and of a normal distribution, a joint one too, two deviations from its mean where its bounds are not nearer.
Randomisation corner_of(const Randomisation& randomisation, Corner corner);

}  // namespace understudy
