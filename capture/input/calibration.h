#pragma once
/// \file How far a pad's sticks and triggers wander when nobody touches them.

#include <vector>

#include "capture/input/controls.h"
#include "capture/input/response.h"

namespace understudy {

/// Mean and standard deviation of a control's distance from rest.
struct RestNoise {
  double mean = 0;
  double deviation = 0;
  /// The dead zone that leaves one sample in a billion outside, were the noise normal.
  double dead_zone() const { return mean + 6 * deviation; }
};

struct Calibration {
  RestNoise left_stick;   ///< radius
  RestNoise right_stick;  ///< radius
  RestNoise triggers;     ///< the larger of the two
};

/// At least two readings of a pad that nobody touches. Throws Error when a stick or trigger was further than
/// half its way from rest, because then it was touched or is broken.
Calibration calibrate(const std::vector<PadPosition>& readings);

/// `response` with the dead zones that `calibration` asks for, no smaller than 0.02.
Response with_dead_zones(Response response, const Calibration& calibration);

}  // namespace understudy
