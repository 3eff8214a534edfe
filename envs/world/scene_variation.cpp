#include "envs/world/scene_variation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "datasets/types/rng.h"

namespace understudy {
namespace {

using Eigen::Vector3f;

constexpr double kLowestSun = 0.15;  // rad above the horizon
constexpr double kHighestSun = std::numbers::pi / 2 - 0.01;
constexpr float kWidestView = 2.9F;  // rad

/// New colours for old, drawn in the order in which the old ones are first met.
class Palette {
 public:
  Palette(double share, std::uint64_t seed)
      : share_(static_cast<float>(share)),
        rng_(Rng::stream(seed, variation_stream("visual.colour/palette"))) {}

  void replace(Vector3f& colour) {
    const std::array<float, 3> key{colour.x(), colour.y(), colour.z()};
    auto found = known_.find(key);
    if (found == known_.end()) {
      Vector3f random;
      for (float& channel : random) channel = static_cast<float>(rng_.uniform());
      const Vector3f mixed = (1 - share_) * colour + share_ * random;
      found = known_.emplace(key, mixed).first;
    }
    colour = found->second;
  }

 private:
  float share_;
  Rng rng_;
  std::map<std::array<float, 3>, Vector3f> known_;
};

void vary_light(const Variation& variation, SceneLight& light) {
  if (variation.light_azimuth || variation.light_elevation) {
    const Eigen::Vector3d sun = light.direction.cast<double>().normalized();
    const double azimuth = std::atan2(sun.y(), sun.x()) + variation.light_azimuth.value_or(0);
    const double elevation =
        std::clamp(std::asin(sun.z()) + variation.light_elevation.value_or(0), kLowestSun, kHighestSun);
    light.direction = Eigen::Vector3d(std::cos(elevation) * std::cos(azimuth),
                                      std::cos(elevation) * std::sin(azimuth), std::sin(elevation))
                          .cast<float>();
  }
  light.intensity *= static_cast<float>(variation.light_intensity.value_or(1));
}

void vary_camera(const Variation& variation, SceneCamera& camera) {
  const auto value = [](const std::optional<double>& number) {
    return static_cast<float>(number.value_or(0));
  };
  const Vector3f shift(value(variation.camera_x), value(variation.camera_y), value(variation.camera_z));
  Vector3f ahead = camera.target - camera.eye;
  if (variation.camera_pitch) {
    // A camera that looks straight down has no right of its own; it pitches about the frame's.
    const Vector3f right = ahead.cross(Vector3f::UnitZ());
    const bool level = right.norm() > 1e-3F * ahead.norm();
    ahead = Eigen::AngleAxisf(value(variation.camera_pitch),
                              level ? Vector3f(right.normalized()) : Vector3f(-Vector3f::UnitY())) *
            ahead;
  }
  if (variation.camera_yaw) {
    ahead = Eigen::AngleAxisf(value(variation.camera_yaw), Vector3f::UnitZ()) * ahead;
  }
  camera.eye += shift;
  camera.target = camera.eye + ahead;
  if (variation.field_of_view) {
    camera.field_of_view =
        std::min(kWidestView, camera.field_of_view * static_cast<float>(*variation.field_of_view));
  }
}

}  // namespace

void vary_scene(const Variation& variation, std::uint64_t seed, Scene& scene) {
  if (variation.colour) {
    Palette palette(*variation.colour, seed);
    for (SceneShape& shape : scene.shapes) palette.replace(shape.colour);
    for (SceneMesh& mesh : scene.meshes) {
      for (Vector3f& colour : mesh.colours) palette.replace(colour);
    }
  }
  vary_light(variation, scene.light);
  const bool moves = variation.camera_x || variation.camera_y || variation.camera_z || variation.camera_yaw ||
                     variation.camera_pitch || variation.field_of_view;
  if (!moves) return;
  for (SceneCamera& camera : scene.cameras) vary_camera(variation, camera);
}

}  // namespace understudy
