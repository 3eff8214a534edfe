#include "envs/tasks/manipulation/tabletop_scene.h"

#include <utility>

namespace understudy {
namespace {

using Eigen::Vector3f;

const Vector3f kTableTop{0.30F, 0.20F, 0.12F};
const Vector3f kTableLeg{0.10F, 0.10F, 0.11F};
const Vector3f kFloorLight{0.30F, 0.32F, 0.34F};
const Vector3f kFloorDark{0.25F, 0.27F, 0.29F};

constexpr float kTableThickness = 0.03F;
constexpr float kTableHeight = 0.75F;

void add_floor(Scene& scene) {
  SceneMesh mesh;
  constexpr int kTiles = 8;      // to each side
  constexpr float kSize = 0.6F;  // m
  for (int i = -kTiles; i < kTiles; ++i) {
    for (int j = -kTiles; j < kTiles; ++j) {
      const auto first = static_cast<unsigned>(mesh.positions.size());
      for (const auto& [di, dj] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
        mesh.positions.emplace_back(kSize * static_cast<float>(i + di), kSize * static_cast<float>(j + dj),
                                    -kTableHeight);
        mesh.normals.emplace_back(0.0F, 0.0F, 1.0F);
        mesh.colours.push_back((i + j) % 2 == 0 ? kFloorLight : kFloorDark);
      }
      for (const unsigned k : {0U, 1U, 2U, 0U, 2U, 3U}) mesh.indices.push_back(first + k);
    }
  }
  SceneShape shape;
  shape.kind = ShapeKind::kMesh;
  shape.mesh = static_cast<int>(scene.meshes.size());
  scene.meshes.push_back(std::move(mesh));
  scene.shapes.push_back(shape);
}

void add_table(Scene& scene) {
  const Vector3f centre(0.35F, 0, -kTableThickness / 2);
  const Vector3f half(0.65F, 0.65F, kTableThickness / 2);
  add_part(scene, {.size = half, .at = centre, .colour = kTableTop});
  const float length = (kTableHeight - kTableThickness) / 2;
  for (const float x : {-1.0F, 1.0F}) {
    for (const float y : {-1.0F, 1.0F}) {
      add_part(scene, {.size = {0.03F, 0.03F, length},
                       .at = {centre.x() + x * (half.x() - 0.06F), y * (half.y() - 0.06F),
                              -kTableThickness - length},
                       .colour = kTableLeg});
    }
  }
}

}  // namespace

void add_part(Scene& scene, const ScenePart& part) {
  SceneShape shape;
  shape.kind = part.kind;
  shape.size = part.size;
  shape.local = Eigen::Translation3f(part.at) * part.turn;
  shape.body = part.body;
  shape.colour = part.colour;
  shape.opacity = part.opacity;
  scene.shapes.push_back(shape);
}

void add_room(Scene& scene) {
  add_floor(scene);
  add_table(scene);
}

void add_table_cameras(Scene& scene) {
  // Over the arm's right shoulder: straight from behind, the arm hides hand and target.
  scene.cameras.push_back({"follow", 0, {-0.22F, -0.72F, 0.66F}, {0.47F, 0.0F, 0.08F}, 0.75F});
  scene.cameras.push_back({"front", 0, {1.55F, 0.60F, 0.70F}, {0.35F, 0, 0.22F}, 0.75F});
  scene.cameras.push_back({"side", 0, {0.45F, -1.7F, 0.45F}, {0.40F, 0, 0.28F}, 0.75F});
}

}  // namespace understudy
