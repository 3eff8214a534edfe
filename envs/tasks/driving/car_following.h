#pragma once
/// \file The Intelligent Driver Model, as pure functions (Treiber, Hennecke, Helbing, "Congested traffic
/// states in empirical observations and microscopic simulations", Phys. Rev. E 62, 1805, 2000, eq. 3 and 4).

namespace understudy {

struct CarFollowingOptions {
  double acceleration = 2;  ///< m/s², a: from rest on a free road (ours, for a light car)
  double deceleration = 2;  ///< m/s², b: what is comfortable (ours)
  double time_gap = 1.2;    ///< s, T (ours)
  double standing_gap = 2;  ///< m, s0 (table I)
};

/// Acceleration [m/s²] of a driver at `speed` who wants `desired_speed` and has `gap` [m] to the car ahead,
/// which it nears with `closing` [m/s]:
///   a (1 - (v / v0)^4 - (s* / s)²),  s* = s0 + max(0, v T + v dv / (2 sqrt(a b))).
/// The max is from the later editions of the model; `gap` below 1 cm counts as 1 cm.
double following_acceleration(const CarFollowingOptions& options, double speed, double desired_speed,
                              double gap, double closing);

/// Gap [m] at which that is nothing behind a car that goes the same `speed`: (s0 + v
/// T) / sqrt(1 - (v / v0)^4).
double equilibrium_gap(const CarFollowingOptions& options, double speed, double desired_speed);

}  // namespace understudy
