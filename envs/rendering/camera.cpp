#include "envs/rendering/camera.h"

#include <cmath>
#include <numbers>

#include "datasets/types/error.h"

namespace understudy {

namespace {

constexpr float kYawLag = 0.18F;     // s
constexpr float kHeightLag = 0.12F;  // s
constexpr float kJump = 2.0F;        // m
constexpr float kPi = std::numbers::pi_v<float>;

float wrap(float angle) {
  return std::remainder(angle, 2 * kPi);
}

/// Direction in the ground plane that the body's x axis points in; 0 when it points straight up or down.
float heading(const Eigen::Isometry3f& pose) {
  const float x = pose.linear()(0, 0);
  const float y = pose.linear()(1, 0);
  return x == 0 && y == 0 ? 0 : std::atan2(y, x);
}

/// Seen from straight above (or below), "up" in the picture is `ahead`.
Eigen::Vector3f up_of(const CameraView& view, const Eigen::Vector3f& ahead) {
  const Eigen::Vector3f direction = (view.target - view.eye).normalized();
  return std::abs(direction.z()) > 0.999F ? ahead : Eigen::Vector3f::UnitZ();
}

void check(const Scene& scene, int camera) {
  if (scene.cameras.empty()) throw Error("scene: has no camera");
  if (camera < 0 || camera >= static_cast<int>(scene.cameras.size())) {
    throw Error("scene: want a camera from 0 to " + std::to_string(scene.cameras.size() - 1) + ", found " +
                std::to_string(camera));
  }
  const SceneCamera& wanted = scene.cameras[static_cast<std::size_t>(camera)];
  const std::string place = "scene camera '" + wanted.name + "': ";
  if (wanted.body < 0 || wanted.body >= static_cast<int>(scene.poses.size())) {
    throw Error(place + "follows body " + std::to_string(wanted.body) + ", the scene has " +
                std::to_string(scene.poses.size()));
  }
  if (!(wanted.field_of_view > 0 && wanted.field_of_view < kPi)) {
    throw Error(place + "want a field of view between 0 and pi rad, found " +
                std::to_string(wanted.field_of_view));
  }
  if (!((wanted.target - wanted.eye).norm() > 1e-6F)) throw Error(place + "eye and target coincide");
}

}  // namespace

CameraView resolve_camera(const Scene& scene, int camera, CameraMotion& motion, double seconds) {
  check(scene, camera);
  const SceneCamera& wanted = scene.cameras[static_cast<std::size_t>(camera)];
  CameraView view{.eye = wanted.eye, .target = wanted.target, .field_of_view = wanted.field_of_view};
  if (wanted.body == 0) {
    view.up = up_of(view, Eigen::Vector3f::UnitY());
    motion = {};
    return view;
  }

  const Eigen::Isometry3f& pose = scene.poses[static_cast<std::size_t>(wanted.body)];
  const Eigen::Vector3f origin = pose.translation();
  const float yaw = heading(pose);
  const bool follows_on = motion.started && motion.camera == camera && motion.revision == scene.revision &&
                          (origin - motion.origin).norm() < kJump;
  if (follows_on) {
    const auto time = static_cast<float>(std::max(0.0, seconds));
    motion.yaw = wrap(motion.yaw + (1 - std::exp(-time / kYawLag)) * wrap(yaw - motion.yaw));
    motion.height += (1 - std::exp(-time / kHeightLag)) * (origin.z() - motion.height);
  } else {
    motion = {
        .started = true, .camera = camera, .revision = scene.revision, .yaw = yaw, .height = origin.z()};
  }
  motion.origin = origin;

  const Eigen::AngleAxisf turn(motion.yaw, Eigen::Vector3f::UnitZ());
  const Eigen::Vector3f base(origin.x(), origin.y(), motion.height);
  view.eye = base + turn * wanted.eye;
  view.target = base + turn * wanted.target;
  view.up = up_of(view, turn * Eigen::Vector3f::UnitX());
  return view;
}

int find_camera(const Scene& scene, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < scene.cameras.size(); ++i) {
    if (scene.cameras[i].name == name) return static_cast<int>(i);
    known.push_back(scene.cameras[i].name);
  }
  throw UsageError(unknown_name("camera", name, known));
}

}  // namespace understudy
