#pragma once
/// \file From stick and trigger positions to values: dead zones and response curve, and the way back.

#include "capture/input/controls.h"

namespace understudy {

/// How a device feels.
struct Response {
  double stick_dead_zone = 0.12;    ///< radius in which a stick counts as at rest [-], in [0, 0.9]
  double expo = 1.5;                ///< exponent of the curve beyond the dead zone [-], in [1, 5]
  double trigger_dead_zone = 0.05;  ///< [-], in [0, 0.9]
  double precision = 0.25;          ///< factor on every analog value while precision is held, in (0, 1]
  double hold = 0.5;                ///< s that discard and undo must be held, in [0, 5]
  double key_ramp = 0.2;            ///< s a key takes from rest to full deflection, in [0, 5]

  bool operator==(const Response&) const = default;
};

/// Two coordinates of one stick, any sign convention.
struct StickValue {
  double x = 0;
  double y = 0;
};

/// Radial dead zone, rescaled to start at 0, then the power curve on the radius; the direction is kept and
/// the radius is at most 1.
StickValue shape_stick(StickValue position, const Response& response);

/// The position that `shape_stick` turns into `value`; a radius above 1 is taken as 1. Zero is the centre.
StickValue unshape_stick(StickValue value, const Response& response);

/// Dead zone rescaled to start at 0; linear. `position` in [0, 1].
double shape_trigger(double position, const Response& response);

/// The position that `shape_trigger` turns into `value`; zero is released.
double unshape_trigger(double value, const Response& response);

/// Dead zones, curve and triggers of a whole pad; y of both sticks becomes positive away from the operator.
ControlState shape(const PadPosition& position, const Response& response);

/// The position that `shape` turns into `values`, as near as a pad can: sticks reach a unit circle, the
/// D-pad only -1, 0 and 1. `values.precision` is ignored.
PadPosition unshape(const ControlState& values, const Response& response);

}  // namespace understudy
