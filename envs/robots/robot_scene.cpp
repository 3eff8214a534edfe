#include "envs/robots/robot_scene.h"

#include <algorithm>

namespace understudy {
namespace {

/// The mesh with its corners stretched by `scale`; mirrored triangles are turned round.
SceneMesh stretched(const SceneMesh& mesh, const Eigen::Vector3d& scale) {
  SceneMesh result = mesh;
  const Eigen::Vector3f factor = scale.cast<float>();
  for (Eigen::Vector3f& p : result.positions) p = p.cwiseProduct(factor);
  for (Eigen::Vector3f& n : result.normals) n = n.cwiseQuotient(factor).normalized();
  if (scale.prod() < 0) {
    for (std::size_t i = 0; i + 2 < result.indices.size(); i += 3) {
      std::swap(result.indices[i + 1], result.indices[i + 2]);
    }
  }
  return result;
}

}  // namespace

void add_robot_shapes(const RobotModel& model, int first_body, Scene& scene) {
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    name_body(scene, first_body + static_cast<int>(i), link.name);
    for (const RobotShape& part : link.visuals.empty() ? link.collisions : link.visuals) {
      SceneShape shape;
      shape.kind = part.kind;
      shape.size = part.size.cast<float>();
      shape.local = part.pose.cast<float>();
      shape.body = first_body + static_cast<int>(i);
      if (part.colour) {
        shape.colour = part.colour->head<3>();
        shape.opacity = (*part.colour)[3];
      }
      if (part.kind == ShapeKind::kMesh) {
        shape.mesh = static_cast<int>(scene.meshes.size());
        shape.size.setOnes();
        scene.meshes.push_back(stretched(model.meshes[static_cast<std::size_t>(part.mesh)], part.size));
      }
      scene.shapes.push_back(shape);
    }
  }
}

void add_robot_cameras(const RobotModel& model, Scene& scene) {
  double reach = 0.3;  // m, from the base to the end of the longest chain
  std::vector<double> along(model.links.size(), 0);
  for (std::size_t i = 1; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    along[i] = along[static_cast<std::size_t>(link.parent)] + link.origin.translation().norm();
    reach = std::max(reach, along[i]);
  }
  const auto camera = [&](const char* name, const Eigen::Vector3f& eye) {
    const auto size = static_cast<float>(reach);
    scene.cameras.push_back({name, 0, size * eye, {0, 0, 0.4F * size}, 0.75F});
  };
  camera("follow", {1.25F, -1.4F, 1.0F});
  camera("front", {1.9F, 0.3F, 0.6F});
  camera("top", {0, -0.02F, 2.6F});
}

void pose_robot(const std::vector<Eigen::Isometry3d>& poses, int first_body, Scene& scene) {
  const std::size_t needed = static_cast<std::size_t>(first_body) + poses.size();
  if (scene.poses.size() < needed) scene.poses.resize(needed, Eigen::Isometry3f::Identity());
  for (std::size_t i = 0; i < poses.size(); ++i) {
    scene.poses[static_cast<std::size_t>(first_body) + i] = poses[i].cast<float>();
  }
}

}  // namespace understudy
