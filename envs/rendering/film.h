#pragma once
/// \file What lens and sensor make of a picture.

#include "envs/rendering/image.h"
#include "envs/rendering/look.h"

namespace understudy {

/// Blurs, darkens the corners, exposes, balances, bends the tone curve and adds the sensor's noise: shot noise, whose
/// variance grows with the light, over a floor of a tenth. Noise is drawn from the look's seed and the picture itself,
/// so that the same scene gives the same bits, in whatever order scenes are drawn.
void develop(const Look& look, Image& image);

}  // namespace understudy
