#include "envs/rendering/dressed_scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/rng.h"

namespace understudy {
namespace {

using Eigen::Vector3f;

constexpr float kNearest = 0.35F, kFarthest = 0.75F;   // of the camera's distance: where things stand about
constexpr float kSmallest = 0.015F, kLargest = 0.06F;  // of it: their half sizes

Vector3f draw_colour(Rng& rng) {
  Vector3f colour;
  for (float& channel : colour) channel = static_cast<float>(rng.uniform(0.03, 0.9));
  return colour;
}

void paint(Vector3f& colour, float share, Rng& rng) {
  colour = (1 - share) * colour + share * draw_colour(rng);
}

/// On z = 0 in a ring around what the camera looks at, so that they are seen and nothing stands in them.
void add_distractors(Scene& scene, const SceneCamera& camera, int count, Rng& rng) {
  const float distance = (camera.target - camera.eye).norm();
  for (int i = 0; i < count; ++i) {
    SceneShape shape;
    constexpr ShapeKind kKinds[] = {ShapeKind::kBox, ShapeKind::kSphere, ShapeKind::kCylinder};
    shape.kind = kKinds[rng.below(3)];
    for (float& side : shape.size) side = distance * static_cast<float>(rng.uniform(kSmallest, kLargest));
    const double place = rng.uniform(0, 2 * std::numbers::pi);
    const float away = distance * static_cast<float>(rng.uniform(kNearest, kFarthest)) / 2;
    const float height = shape.kind == ShapeKind::kSphere ? shape.size.x() : shape.size.z();
    shape.local =
        Eigen::Translation3f(camera.target.x() + away * static_cast<float>(std::cos(place)),
                             camera.target.y() + away * static_cast<float>(std::sin(place)), height) *
        Eigen::AngleAxisf(static_cast<float>(rng.uniform(0, 3)), Vector3f::UnitZ());
    shape.colour = draw_colour(rng);
    scene.shapes.push_back(shape);
  }
}

}  // namespace

const Scene& DressedScene::dress(const Scene& scene, const Look& look, int camera) {
  if (made_ && revision_ == scene.revision && camera_ == camera) {
    dressed_.poses = scene.poses;
    return dressed_;
  }
  const unsigned next = dressed_.revision + 1;
  dressed_ = scene;
  dressed_.revision = next;
  Rng colours(look.seed);
  for (SceneShape& shape : dressed_.shapes) paint(shape.colour, look.colour, colours);
  for (SceneMesh& mesh : dressed_.meshes) {
    const Vector3f tint = draw_colour(colours);
    for (Vector3f& colour : mesh.colours) colour = (1 - look.colour) * colour + look.colour * tint;
  }
  const SceneCamera& seen = scene.cameras[static_cast<std::size_t>(camera)];
  Rng things(~look.seed);
  if (seen.body == 0) add_distractors(dressed_, seen, look.distractors, things);
  if (look.sun_height > 0) {
    dressed_.light.direction = {std::cos(look.sun_height) * std::cos(look.sun_turn),
                                std::cos(look.sun_height) * std::sin(look.sun_turn),
                                std::sin(look.sun_height)};
  }
  made_ = true;
  revision_ = scene.revision;
  camera_ = camera;
  return dressed_;
}

CameraView moved(CameraView view, const Look& look) {
  const Vector3f way = view.target - view.eye;
  const Vector3f forward = way.normalized();
  const Vector3f right = forward.cross(view.up).normalized();
  const Vector3f above = right.cross(forward);
  const Eigen::AngleAxisf pitch(look.turn.x(), right), yaw(look.turn.y(), above);
  const Vector3f turned = yaw * (pitch * forward);
  view.eye += look.offset;
  view.target = view.eye + way.norm() * turned;
  view.up = Eigen::AngleAxisf(look.turn.z(), turned) * (yaw * (pitch * above));
  view.field_of_view = std::clamp(view.field_of_view * look.field_of_view, 0.01F, 3.1F);
  return view;
}

}  // namespace understudy
