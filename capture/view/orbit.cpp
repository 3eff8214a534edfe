#include "capture/view/orbit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace understudy {
namespace {

using Eigen::Vector3f;

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kDragTurn = kPi;      // rad for a drag of the window's height
constexpr float kNotch = 1.15F;       // zoom of one
constexpr float kLowest = -kPi / 18;  // of the eye above the target's level
constexpr float kHighest = kPi / 2 * 17 / 18;

void turn(const SceneHandle& handle, double angle, VectorRef action) {
  if (handle.x < 0 || handle.y < 0) return;
  const double c = std::cos(angle), s = std::sin(angle);
  const double x = action[handle.x], y = action[handle.y];
  action[handle.x] = static_cast<float>(c * x - s * y);
  action[handle.y] = static_cast<float>(s * x + c * y);
}

}  // namespace

Orbit dragged(Orbit orbit, float x, float y, float height) {
  orbit.turn = std::remainder(orbit.turn - kDragTurn * x / height, 2 * kPi);
  orbit.lift = std::clamp(orbit.lift + kDragTurn * y / height, -kPi, kPi);
  return orbit;
}

Orbit zoomed(Orbit orbit, float notches) {
  orbit.zoom = std::clamp(orbit.zoom * std::pow(kNotch, notches), kLeastZoom, kMostZoom);
  return orbit;
}

CameraView orbited(const CameraView& view, const Orbit& orbit) {
  if (orbit == Orbit{}) return view;
  const float azimuth = static_cast<float>(away_heading(view)) + kPi + orbit.turn;  // of the eye
  const Vector3f away = view.eye - view.target;
  const float distance = away.norm() / orbit.zoom;
  const float before = std::asin(std::clamp(away.z() / away.norm(), -1.0F, 1.0F));
  const float height = std::clamp(before + orbit.lift, std::min(before, kLowest), std::max(before, kHighest));
  const Vector3f level(std::cos(azimuth), std::sin(azimuth), 0);
  CameraView result = view;
  result.eye = view.target + distance * (std::cos(height) * level + std::sin(height) * Vector3f::UnitZ());
  // Straight from above there is no telling up from the vertical.
  result.up = height > 1.5F ? Vector3f(-level) : Vector3f(Vector3f::UnitZ());
  return result;
}

double away_heading(const CameraView& view) {
  const Vector3f right = (view.target - view.eye).cross(view.up);
  return std::atan2(double{right.x()}, -double{right.y()});
}

void turn_from_screen(const SceneHandle& handle, double heading, VectorRef action) {
  if (handle.x < 0 || handle.y < 0) return;
  turn(handle, heading, action);
  const float most = std::max(std::abs(action[handle.x]), std::abs(action[handle.y]));
  if (most <= 1) return;
  action[handle.x] /= most;
  action[handle.y] /= most;
}

void turn_to_screen(const SceneHandle& handle, double heading, VectorRef action) {
  turn(handle, -heading, action);
}

}  // namespace understudy
