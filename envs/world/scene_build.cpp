#include "envs/world/scene_build.h"

#include <utility>

namespace understudy {

SceneShape& add_shape(Scene& scene, int body, ShapeKind kind, const Eigen::Vector3f& size,
                      const Eigen::Vector3f& at, const Eigen::Vector3f& colour,
                      const Eigen::Quaternionf& turn) {
  SceneShape shape;
  shape.kind = kind;
  shape.size = size;
  shape.local = Eigen::Translation3f(at) * turn;
  shape.body = body;
  shape.colour = colour;
  scene.shapes.push_back(shape);
  return scene.shapes.back();
}

void QuadMesh::add(const Eigen::Vector3f& a, const Eigen::Vector3f& b, const Eigen::Vector3f& c,
                   const Eigen::Vector3f& d, const Eigen::Vector3f& colour) {
  const Eigen::Vector3f normal = (c - a).cross(d - b).normalized();
  const auto first = static_cast<unsigned>(mesh_.positions.size());
  for (const Eigen::Vector3f* corner : {&a, &b, &c, &d}) {
    mesh_.positions.push_back(*corner);
    mesh_.normals.push_back(normal);
    mesh_.colours.push_back(colour);
  }
  for (const unsigned k : {0U, 1U, 2U, 0U, 2U, 3U}) mesh_.indices.push_back(first + k);
}

void QuadMesh::move_to(Scene& scene, int body) {
  SceneShape shape;
  shape.kind = ShapeKind::kMesh;
  shape.mesh = static_cast<int>(scene.meshes.size());
  shape.body = body;
  scene.meshes.push_back(std::exchange(mesh_, {}));
  scene.shapes.push_back(shape);
}

Eigen::Isometry3d pose_of(const double* pose) {
  return Eigen::Translation3d(pose[0], pose[1], pose[2]) *
         Eigen::Quaterniond(pose[6], pose[3], pose[4], pose[5]).normalized();
}

}  // namespace understudy
