#include "envs/world/ground_scene.h"

namespace understudy {
namespace {

using Eigen::Vector3f;

constexpr int kBack = -20, kFront = 160, kSide = 12;  // m
constexpr float kMark = 0.03F;                        // m, half a line's width
constexpr float kAbove = 0.002F;                      // m, lines over the tiles
const Vector3f kLight{0.30F, 0.33F, 0.35F}, kDark{0.26F, 0.29F, 0.31F};
const Vector3f kLine{0.55F, 0.57F, 0.58F}, kTen{0.85F, 0.45F, 0.10F};

void add_rectangle(SceneMesh& mesh, float x0, float x1, float y0, float y1, float z, const Vector3f& colour) {
  const auto first = static_cast<unsigned>(mesh.positions.size());
  for (const auto& [x, y] : {std::pair{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}) {
    mesh.positions.emplace_back(x, y, z);
    mesh.normals.emplace_back(0.0F, 0.0F, 1.0F);
    mesh.colours.push_back(colour);
  }
  for (const unsigned k : {0U, 1U, 2U, 0U, 2U, 3U}) mesh.indices.push_back(first + k);
}

}  // namespace

void add_ground(Scene& scene) {
  SceneMesh mesh;
  for (int x = kBack; x < kFront; x += 2) {
    for (int y = -kSide; y < kSide; y += 2) {
      const auto left = static_cast<float>(x), low = static_cast<float>(y);
      add_rectangle(mesh, left, left + 2, low, low + 2, 0, ((x + y) / 2) % 2 == 0 ? kLight : kDark);
    }
  }
  for (int x = kBack; x < kFront; ++x) {
    const auto at = static_cast<float>(x);
    add_rectangle(mesh, at - kMark, at + kMark, -1, 1, kAbove, x % 10 == 0 ? kTen : kLine);
  }
  SceneShape shape;
  shape.kind = ShapeKind::kMesh;
  shape.mesh = static_cast<int>(scene.meshes.size());
  scene.meshes.push_back(std::move(mesh));
  scene.shapes.push_back(shape);
}

}  // namespace understudy
