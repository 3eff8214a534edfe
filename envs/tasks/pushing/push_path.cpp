#include "envs/tasks/pushing/push_path.h"

#include <algorithm>
#include <cmath>

#include "envs/tasks/pushing/push.h"

namespace understudy::push {
namespace {

using Eigen::Vector2d;

constexpr double kWide = kPusherRadius + kClearance;  // m
constexpr double kRounding = 1e-4;  // m: observations are floats, and places on the edge are free
constexpr double kPassed = 0.008;   // m: a corner this near is behind us
constexpr double kLeave = 0.007;    // m: nearer by this than it should be, the pusher backs off

/// Outer corners of the outline, kWide away from both edges. The two inner ones are on no shortest way.
const std::array<Vector2d, PushPaths::kCorners>& wide_corners() {
  static const std::array<Vector2d, PushPaths::kCorners> corners = [] {
    std::array<Vector2d, PushPaths::kCorners> list;
    std::size_t count = 0;
    const auto& outline = tee_outline();
    for (std::size_t i = 0; i < outline.size(); ++i) {
      const Vector2d in = (outline[i] - outline[(i + 7) % 8]).normalized();
      const Vector2d out = (outline[(i + 1) % 8] - outline[i]).normalized();
      if (in.x() * out.y() - in.y() * out.x() < 0) continue;
      list[count++] = outline[i] + kWide * (in - out);
    }
    return list;
  }();
  return corners;
}

/// Whether the line between two points passes through a widened box.
bool blocked(const Vector2d& from, const Vector2d& to) {
  const Vector2d along = to - from;
  for (const TeeBox& box : tee_boxes()) {
    const Vector2d half = box.half.array() + (kWide - kRounding);
    double enter = 0, leave = 1;
    for (int axis = 0; axis < 2; ++axis) {
      const double offset = from[axis] - box.centre[axis];
      if (std::abs(along[axis]) < 1e-12) {
        if (std::abs(offset) >= half[axis]) leave = -1;
        continue;
      }
      const double a = (-half[axis] - offset) / along[axis], b = (half[axis] - offset) / along[axis];
      enter = std::max(enter, std::min(a, b));
      leave = std::min(leave, std::max(a, b));
    }
    if (enter < leave) return true;
  }
  return false;
}

bool inside(const Vector2d& point, const TeeBox& box, double less) {
  const Vector2d half = box.half.array() + (kWide - less);
  return ((point - box.centre).cwiseAbs().array() < half.array()).all();
}

/// The nearest point outside of the widened boxes.
Vector2d backed_off(const Vector2d& point) {
  Vector2d best = point;
  double nearest = 1e30;
  bool free = true;
  for (const TeeBox& box : tee_boxes()) {
    if (!inside(point, box, kRounding)) continue;
    free = false;
    for (int axis = 0; axis < 2; ++axis) {
      for (const double side : {-1.0, 1.0}) {
        Vector2d out = point;
        out[axis] = box.centre[axis] + side * (box.half[axis] + kWide);
        const double distance = (out - point).norm();
        if (distance >= nearest) continue;
        bool good = true;
        for (const TeeBox& other : tee_boxes()) good = good && !inside(out, other, kRounding);
        if (good) best = out, nearest = distance;
      }
    }
  }
  return free ? point : best;
}

}  // namespace

PushPaths::PushPaths(const Vector2d& from, const TeePose& block) : from_(from), start_(backed_off(from)) {
  back_off_ = (start_ - from_).norm();
  const auto& corners = wide_corners();
  const Eigen::Isometry2d motion = block.motion();
  std::array<bool, kCorners> usable{};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    usable[i] = (motion * corners[i]).cwiseAbs().maxCoeff() < kReach;
    if (usable[i] && !blocked(start_, corners[i])) {
      corners_[i] = Reached{(corners[i] - start_).norm(), corners[i]};
    }
  }
  // Few corners: relax every edge until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      if (!corners_[i]) continue;
      for (std::size_t j = 0; j < corners.size(); ++j) {
        if (!usable[j] || i == j || blocked(corners[i], corners[j])) continue;
        const double length = corners_[i]->length + (corners[j] - corners[i]).norm();
        if (corners_[j] && corners_[j]->length <= length + 1e-12) continue;
        corners_[j] = Reached{length, corners_[i]->length < kPassed ? corners[j] : corners_[i]->next};
        changed = true;
      }
    }
  }
}

std::optional<Way> PushPaths::way_to(const Vector2d& to) const {
  std::optional<Way> best;
  const auto offer = [&](double length, const Vector2d& next) {
    if (!best || length < best->length) best = Way{length, next};
  };
  if (!blocked(start_, to)) {
    offer((to - start_).norm(), to);
  } else {
    const auto& corners = wide_corners();
    for (std::size_t i = 0; i < corners.size(); ++i) {
      if (corners_[i] && !blocked(corners[i], to)) {
        offer(corners_[i]->length + (to - corners[i]).norm(),
              corners_[i]->length < kPassed ? to : corners_[i]->next);
      }
    }
  }
  if (!best) return best;
  best->length += back_off_;
  if (back_off_ > kLeave) best->next = start_;
  return best;
}

}  // namespace understudy::push
