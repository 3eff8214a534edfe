#pragma once
/// \file What an environment looks like, without any graphics library: shapes on moving bodies, and cameras.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace understudy {

/// Triangle mesh in its body's frame. Normals are per vertex and unit length.
struct SceneMesh {
  std::vector<Eigen::Vector3f> positions;  ///< m
  std::vector<Eigen::Vector3f> normals;
  std::vector<Eigen::Vector3f> colours;  ///< linear RGB in [0, 1] per vertex; empty: the shape's colour
  std::vector<unsigned> indices;         ///< three per triangle, counter-clockwise seen from outside
};

enum class ShapeKind {
  kBox,       ///< size: half extents, m
  kSphere,    ///< size.x: radius
  kCylinder,  ///< size.x: radius, size.z: half height along z
  kCapsule,   ///< size.x: radius, size.z: half height of the straight part along z
  kCone,      ///< size.x: base radius, size.z: half height; apex at +z
  kMesh,      ///< mesh: index into Scene::meshes
};

struct SceneShape {
  ShapeKind kind = ShapeKind::kBox;
  Eigen::Vector3f size = Eigen::Vector3f::Ones();
  Eigen::Isometry3f local = Eigen::Isometry3f::Identity();  ///< shape in its body's frame
  int body = 0;                                             ///< index into Scene::poses; 0 is the world
  int mesh = -1;                                            ///< only for kMesh
  Eigen::Vector3f colour{0.7F, 0.7F, 0.7F};                 ///< linear RGB in [0, 1]
  float opacity = 1.0F;                                     ///< below 1: drawn last, casts no shadow
};

/// A camera that stands still, or one that follows a body.
struct SceneCamera {
  std::string name;            ///< "follow", "top", "front", ...
  int body = 0;                ///< 0: eye and target are in the world; else they are in this body's yaw frame
  Eigen::Vector3f eye;         ///< m
  Eigen::Vector3f target;      ///< m
  float field_of_view = 0.9F;  ///< vertical, rad
};

/// The sun: a parallel light.
struct SceneLight {
  Eigen::Vector3f direction{0.42F, -0.36F, 0.83F};  ///< towards the sun, any length above 0
  float intensity = 1;                              ///< factor on the sunlight
};

/// A figure that the task is judged by, as a person reads it beside the picture.
struct SceneFigure {
  std::string name;  ///< e.g. "sink rate"
  double value = 0;  ///< in `unit`
  std::string unit;  ///< e.g. "m/s", "%"; may be empty
  int decimals = 1;
  /// As far as this figure goes, the task is done from `low` to `high`.
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool judges() const { return std::isfinite(low) || std::isfinite(high); }
  bool good() const { return value >= low && value <= high; }
};

/// What the person at the controls moves about.
struct SceneHandle {
  int body = -1;                  ///< index into Scene::poses; -1: there is nothing of the kind
  Eigen::Vector3f at{0, 0, 0};    ///< m, in the body's frame
  std::optional<float> ground{};  ///< m, height that depth cues fall on; none: it does not leave the ground
  /// Entries of the action that move it along the world's x, y and z, and turn it counter-clockwise about z;
  /// -1: none does.
  int x = -1;
  int y = -1;
  int z = -1;
  int yaw = -1;
};

/// z is up, lengths are metres. `poses[0]` is the world and stays the identity.
struct Scene {
  std::vector<SceneMesh> meshes;
  std::vector<SceneShape> shapes;
  std::vector<Eigen::Isometry3f> poses{Eigen::Isometry3f::Identity()};  ///< body to world, one per body
  /// What the bodies are called, in segmentation tables (see body_name()). May be shorter than `poses`.
  std::vector<std::string> body_names{"world"};
  std::vector<SceneCamera> cameras;  ///< the first is the default one; at least one
  SceneLight light;
  SceneHandle handle;
  std::vector<SceneFigure> figures;       ///< change with the poses
  std::vector<Eigen::Vector3f> contacts;  ///< m, where moving things touch one another; change with the poses
  /// Changes whenever meshes or shapes (anything but what changes with the poses) change, so that a renderer knows when to upload.
  unsigned revision = 0;
};

/// The body's name, or "body_<number>" when it was not given one.
inline std::string body_name(const Scene& scene, int body) {
  const auto at = static_cast<std::size_t>(body);
  const bool named = at < scene.body_names.size() && !scene.body_names[at].empty();
  return named ? scene.body_names[at] : "body_" + std::to_string(body);
}

/// Calls `body` `name`.
inline void name_body(Scene& scene, int body, const std::string& name) {
  const auto at = static_cast<std::size_t>(body);
  if (scene.body_names.size() <= at) scene.body_names.resize(at + 1);
  scene.body_names[at] = name;
}

}  // namespace understudy
