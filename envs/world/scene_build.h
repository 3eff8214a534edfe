#pragma once
/// \file Putting shapes and flat-shaded meshes into a scene.

#include "envs/contract/scene.h"

namespace understudy {

/// Adds a primitive to `body`, its centre at `at` [m] and turned by `turn` in the body's frame; `size` as
/// ShapeKind says. The reference is valid until the next shape is added.
SceneShape& add_shape(Scene& scene, int body, ShapeKind kind, const Eigen::Vector3f& size,
                      const Eigen::Vector3f& at, const Eigen::Vector3f& colour,
                      const Eigen::Quaternionf& turn = Eigen::Quaternionf::Identity());

/// Collects coloured quads with flat shading, one normal per quad.
class QuadMesh {
 public:
  /// Corners anticlockwise seen from outside.
  void add(const Eigen::Vector3f& a, const Eigen::Vector3f& b, const Eigen::Vector3f& c,
           const Eigen::Vector3f& d, const Eigen::Vector3f& colour);
  /// Adds the mesh to `body` and leaves this one empty.
  void move_to(Scene& scene, int body = 0);

 private:
  SceneMesh mesh_;
};

/// Rigid pose from a state's position and quaternion x y z w `[7]`.
Eigen::Isometry3d pose_of(const double* pose);

}  // namespace understudy
