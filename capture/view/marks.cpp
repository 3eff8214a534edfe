#include "capture/view/marks.h"

#include <cmath>
#include <optional>

#include "capture/input/action_words.h"
#include "capture/view/canvas.h"
#include "capture/view/orbit.h"
#include "envs/rendering/gl_view.h"

namespace understudy {
namespace {

using Eigen::Vector2f, Eigen::Vector3f;

constexpr float kAxisLength = 0.11F;    // of the distance from the eye to the hand
constexpr float kShortestAxis = 0.02F;  // of the picture's height: shorter ones point at the viewer
constexpr float kNear = 1e-3F;          // m before the eye

/// World to pixels; nothing behind the eye.
class Projection {
 public:
  Projection(const CameraView& view, int width, int height)
      : to_clip_(clip_matrix(view, static_cast<float>(width) / static_cast<float>(height))),
        half_(0.5F * static_cast<float>(width), 0.5F * static_cast<float>(height)) {}

  std::optional<Vector2f> operator()(const Vector3f& place) const {
    const Eigen::Vector4f clip = to_clip_ * place.homogeneous();
    if (clip.w() < kNear) return std::nullopt;
    return Vector2f(half_.x() * (1 + clip.x() / clip.w()), half_.y() * (1 - clip.y() / clip.w()));
  }

 private:
  Eigen::Matrix4f to_clip_;
  Vector2f half_;
};

}  // namespace

std::optional<Vector2f> picture_place(const CameraView& view, int width, int height, const Vector3f& place) {
  return Projection(view, width, height)(place);
}

Vector3f handle_place(const Scene& scene) {
  return scene.poses[static_cast<std::size_t>(scene.handle.body)] * scene.handle.at;
}

HudMarks find_marks(const Scene& scene, const CameraView& view, int width, int height,
                    const std::vector<Vector3f>& path) {
  HudMarks marks;
  const Projection project(view, width, height);
  for (const Vector3f& contact : scene.contacts) {
    if (const auto at = project(contact)) marks.contacts.push_back(*at);
  }
  bool broken = true;
  for (const Vector3f& place : path) {
    const auto at = project(place);
    if (at && broken) marks.paths.emplace_back();
    if (at) marks.paths.back().push_back(*at);
    broken = !at;
  }
  const SceneHandle& handle = scene.handle;
  if (handle.body < 0 || handle.x < 0 || handle.y < 0) return marks;
  const Vector3f origin = handle_place(scene);
  const auto from = project(origin);
  if (!from) return marks;
  const float length = kAxisLength * (origin - view.eye).norm();
  const auto heading = static_cast<float>(away_heading(view));
  const Vector3f forward(std::cos(heading), std::sin(heading), 0);
  const auto add = [&](const Vector3f& way, const char* entry, int colour) {
    const auto to = project(origin + length * way);
    if (!to || (*to - *from).norm() < kShortestAxis * static_cast<float>(height)) return;
    marks.axes.push_back({*from, *to, action_words(entry).positive, colour});
  };
  add(forward, "dx", 0);
  add(Vector3f::UnitZ().cross(forward), "dy", 1);
  if (handle.z >= 0) add(Vector3f::UnitZ(), "dz", 2);
  return marks;
}

/// What lies in the picture itself: the last demonstration's path, contacts, axes, the second picture's frame.
void draw_marks(const Canvas& canvas, const HudMarks& marks) {
  const float scale = canvas.scale;
  const auto at = [](const Eigen::Vector2f& point) { return ImVec2(point.x(), point.y()); };
  for (const auto& path : marks.paths) {
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      canvas.list->AddLine(at(path[i]), at(path[i + 1]), IM_COL32(255, 235, 120, 130), 2.5F * scale);
  }
  for (const Eigen::Vector2f& contact : marks.contacts) {
    canvas.list->AddCircle(at(contact), 7 * scale, IM_COL32(20, 16, 4, 220), 20, 4 * scale);
    canvas.list->AddCircle(at(contact), 7 * scale, IM_COL32(255, 160, 40, 255), 20, 2 * scale);
  }
  constexpr ImU32 kWays[]{IM_COL32(255, 110, 100, 255), IM_COL32(120, 230, 120, 255),
                          IM_COL32(120, 180, 255, 255)};
  for (const HudMarks::Axis& axis : marks.axes) {
    const ImU32 colour = kWays[static_cast<std::size_t>(axis.way) % 3];
    canvas.list->AddLine(at(axis.from), at(axis.to), IM_COL32(10, 12, 16, 160), 5 * scale);
    canvas.list->AddLine(at(axis.from), at(axis.to), colour, 2.5F * scale);
    canvas.list->AddCircleFilled(at(axis.to), 4 * scale, colour, 12);
    const ImVec2 words = canvas.size(canvas.plain, kSmall, axis.word);
    // Beyond the end, seen from the hand.
    const Eigen::Vector2f way = (axis.to - axis.from).normalized();
    const float x = axis.to.x() + way.x() * (10 * scale + words.x / 2) - words.x / 2;
    const float y = axis.to.y() + way.y() * 14 * scale - words.y / 2;
    canvas.panel(x - 3 * scale, y - 1 * scale, x + words.x + 3 * scale, y + words.y + 1 * scale);
    canvas.text(canvas.plain, kSmall, x, y, colour, axis.word);
  }
  if (marks.inset_size.x() <= 0) return;
  const Eigen::Vector2f end = marks.inset_corner + marks.inset_size;
  canvas.list->AddRect(at(marks.inset_corner), at(end), kWhite, 0, 0, 2 * scale);
  if (marks.inset_handle) {
    canvas.list->AddCircleFilled(at(*marks.inset_handle), 6 * scale, IM_COL32(20, 16, 4, 220), 16);
    canvas.list->AddCircleFilled(at(*marks.inset_handle), 4 * scale, IM_COL32(255, 235, 120, 255), 16);
  }
  const ImVec2 name = canvas.size(canvas.plain, kSmall, marks.inset_name);
  canvas.panel(marks.inset_corner.x() + 4 * scale, marks.inset_corner.y() + 4 * scale,
               marks.inset_corner.x() + name.x + 16 * scale, marks.inset_corner.y() + name.y + 8 * scale);
  canvas.text(canvas.plain, kSmall, marks.inset_corner.x() + 10 * scale, marks.inset_corner.y() + 6 * scale,
              kWhite, marks.inset_name);
}

}  // namespace understudy
