#pragma once
/// \file The social force model of pedestrians, as pure functions (Helbing and Molnár, "Social force model
/// for pedestrian dynamics", Phys. Rev. E 51, 4282, 1995; equation numbers are theirs).
///
/// Left out of the paper: attraction (eq. 6) and random fluctuations. Everything is per unit of mass: a
/// "force" is an acceleration [m/s²].

#include <Eigen/Core>

namespace understudy {

/// Constants as in the paper's section III.
struct SocialForceOptions {
  double relaxation_time = 0.5;     ///< s, tau
  double strength = 2.1;            ///< m²/s², V0 of pedestrians
  double range = 0.3;               ///< m, sigma
  double step_time = 2;             ///< s, how far ahead others are given way to, Delta t
  double wall_strength = 10;        ///< m²/s², U0 of walls
  double wall_range = 0.2;          ///< m, R
  double view_angle = 3.490658504;  ///< rad, 2 phi: 200 degrees
  double unseen_weight = 0.5;       ///< c, of what happens outside the view
  double speed_cap = 1.3;           ///< times the desired speed
};

/// Eq. 2: (v0 e - v) / tau, with the unit vector `direction` e and `desired_speed` v0 [m/s].
Eigen::Vector2d driving_force(const SocialForceOptions& options, const Eigen::Vector2d& velocity,
                              double desired_speed, const Eigen::Vector2d& direction);

/// Eq. 3 and 4: potential V0 exp(-b / sigma) [m²/s²] of another pedestrian at `offset` = own place minus the
/// other's, b = 1/2 sqrt((|r| + |r - s|)² - |s|²) with the other's step s = velocity * Delta t. Its lines of
/// equal height are ellipses that reach ahead of the other.
double repulsion_potential(const SocialForceOptions& options, const Eigen::Vector2d& offset,
                           const Eigen::Vector2d& other_velocity);

/// Minus the gradient of that potential: the push away from the other. Zero on the segment of the other's own
/// step, where the potential has a crease and no gradient.
Eigen::Vector2d repulsion(const SocialForceOptions& options, const Eigen::Vector2d& offset,
                          const Eigen::Vector2d& other_velocity);

/// Eq. 5: minus the gradient of U0 exp(-|r| / R), `offset` = own place minus the wall's nearest point.
Eigen::Vector2d wall_repulsion(const SocialForceOptions& options, const Eigen::Vector2d& offset);

/// Eq. 8: 1 when what pushes with `force` lies within the view along `direction` (unit), else c.
/// `cos_half_view` is the cosine of phi, which is the same for everybody.
double view_weight(const SocialForceOptions& options, double cos_half_view, const Eigen::Vector2d& direction,
                   const Eigen::Vector2d& force);

/// Share of a difference in velocity that the driving force leaves after `seconds`: e^(-seconds / tau).
double share_kept(const SocialForceOptions& options, double seconds);

/// Velocity after the time of which share_kept() is `kept`, under the driving force and a constant `pushed`
/// [m/s²]: the exact solution of
/// dv/dt = (v0 e - v) / tau + pushed, then capped (eq. 10 and 11) at speed_cap * v0.
Eigen::Vector2d velocity_after(const SocialForceOptions& options, const Eigen::Vector2d& velocity,
                               double desired_speed, const Eigen::Vector2d& direction,
                               const Eigen::Vector2d& pushed, double kept);

}  // namespace understudy
