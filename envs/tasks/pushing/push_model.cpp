#include "envs/tasks/pushing/push_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "envs/tasks/pushing/push.h"

namespace understudy::push {

using Eigen::Vector2d;

Contact nearest_contact(const Vector2d& pusher) {
  Vector2d nearest(0, 0);
  double distance = std::numeric_limits<double>::infinity();
  for (const TeeBox& box : tee_boxes()) {
    const Vector2d point = pusher.cwiseMax(box.centre - box.half).cwiseMin(box.centre + box.half);
    if ((point - pusher).norm() < distance) nearest = point, distance = (point - pusher).norm();
  }
  // An observation may be a made-up one, with the pusher inside the block: any direction is as good then.
  const Vector2d normal = distance > 1e-9 ? Vector2d((nearest - pusher) / distance) : Vector2d(-1, 0);
  return {.pusher = nearest - kPusherRadius * normal, .normal = normal};
}

Vector2d approach(const Contact& contact) {
  return contact.pusher - kClearance * contact.normal;
}

Push push_at(const Contact& contact) {
  const Vector2d &n = contact.normal, at = contact.pusher + kPusherRadius * n;
  const double rotation = (at.x() * n.y() - at.y() * n.x()) / (kMomentArm * kMomentArm);
  const Vector2d velocity = n + rotation * Vector2d(-at.y(), at.x());
  const double speed = velocity.norm();
  return {.twist = Twist(n.x(), n.y(), rotation) / speed, .direction = velocity / speed};
}

Rest rest_after(const Rest& rest, const Twist& twist, double length) {
  const double angle = length * twist.z(), half = angle / 2;
  // The block's way is the chord of an arc.
  const double chord = length * (std::abs(half) < 1e-6 ? 1 : std::sin(half) / half);
  const Vector2d way = chord * (Eigen::Rotation2Dd(half) * Vector2d(twist.head<2>()));
  return {.place = Eigen::Rotation2Dd(-angle) * (rest.place - way), .rotation = rest.rotation - angle};
}

Twist twist_of(const Rest& rest) {
  const double half = rest.rotation / 2;
  // half cot(half), by its series where that is 0 / 0.
  const double scale = std::abs(half) < 1e-4 ? 1 - half * half / 3 : half / std::tan(half);
  const Vector2d& place = rest.place;
  return {scale * place.x() + half * place.y(), scale * place.y() - half * place.x(), 2 * half};
}

}  // namespace understudy::push
