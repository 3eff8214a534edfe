#include "envs/tasks/crowd/social_force.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

using Eigen::Vector2d;

constexpr double kTiny = 1e-9;  // m

/// Half the minor axis of the ellipse through `offset` with foci at the other and at the end of its step.
double semi_minor(double own, double ahead, double step) {
  const double around = own + ahead;
  return 0.5 * std::sqrt(std::max(0.0, around * around - step * step));
}

}  // namespace

Vector2d driving_force(const SocialForceOptions& options, const Vector2d& velocity, double desired_speed,
                       const Vector2d& direction) {
  return (desired_speed * direction - velocity) / options.relaxation_time;
}

double repulsion_potential(const SocialForceOptions& options, const Vector2d& offset,
                           const Vector2d& other_velocity) {
  const Vector2d step = options.step_time * other_velocity;
  const double b = semi_minor(offset.norm(), (offset - step).norm(), step.norm());
  return options.strength * std::exp(-b / options.range);
}

Vector2d repulsion(const SocialForceOptions& options, const Vector2d& offset,
                   const Vector2d& other_velocity) {
  const Vector2d step = options.step_time * other_velocity, rest = offset - step;
  const double own = offset.norm(), ahead = rest.norm();
  const double b = semi_minor(own, ahead, step.norm());
  if (b < kTiny || own < kTiny || ahead < kTiny) return Vector2d::Zero();
  // grad b = (|r| + |r - s|) (r / |r| + (r - s) / |r - s|) / 4b
  const Vector2d gradient = (own + ahead) / (4 * b) * (offset / own + rest / ahead);
  return options.strength / options.range * std::exp(-b / options.range) * gradient;
}

Vector2d wall_repulsion(const SocialForceOptions& options, const Vector2d& offset) {
  const double distance = offset.norm();
  if (distance < kTiny) return Vector2d::Zero();
  return options.wall_strength / options.wall_range * std::exp(-distance / options.wall_range) / distance *
         offset;
}

double view_weight(const SocialForceOptions& options, double cos_half_view, const Vector2d& direction,
                   const Vector2d& force) {
  // A push comes from where it does not point.
  const bool seen = direction.dot(-force) >= force.norm() * cos_half_view;
  return seen ? 1 : options.unseen_weight;
}

double share_kept(const SocialForceOptions& options, double seconds) {
  return std::exp(-seconds / options.relaxation_time);
}

Vector2d velocity_after(const SocialForceOptions& options, const Vector2d& velocity, double desired_speed,
                        const Vector2d& direction, const Vector2d& pushed, double kept) {
  const Vector2d in_the_end = desired_speed * direction + options.relaxation_time * pushed;
  const Vector2d next = in_the_end + (velocity - in_the_end) * kept;
  return next * std::min(1.0, options.speed_cap * desired_speed / std::max(next.norm(), kTiny));
}

}  // namespace understudy
