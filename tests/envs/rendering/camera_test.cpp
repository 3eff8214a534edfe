#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/rendering/camera.h"
#include "tests/support/catch.h"

using namespace understudy;

namespace {

Scene car_scene() {
  Scene scene;
  scene.poses.resize(2, Eigen::Isometry3f::Identity());
  scene.cameras.push_back({"follow", 1, {-5, 0, 2}, {3, 0, 0}, 0.9F});
  scene.cameras.push_back({"top", 0, {1, 2, 30}, {1, 2, 0}, 0.5F});
  return scene;
}

void place(Scene& scene, const Eigen::Vector3f& at, float yaw, float pitch = 0) {
  scene.poses[1] = Eigen::Translation3f(at) * Eigen::AngleAxisf(yaw, Eigen::Vector3f::UnitZ()) *
                   Eigen::AngleAxisf(pitch, Eigen::Vector3f::UnitY());
}

constexpr float kQuarter = std::numbers::pi_v<float> / 2;

}  // namespace

TEST_CASE("a follow camera stands behind its body whichever way that faces") {
  Scene scene = car_scene();
  place(scene, {10, 20, 1}, kQuarter);
  CameraMotion motion;
  const CameraView view = resolve_camera(scene, 0, motion, 0);
  // Facing +y: five metres behind is five metres less y.
  CHECK((view.eye - Eigen::Vector3f(10, 15, 3)).norm() < 1e-5F);
  CHECK((view.target - Eigen::Vector3f(10, 23, 1)).norm() < 1e-5F);
  CHECK(view.up == Eigen::Vector3f::UnitZ());
}

TEST_CASE("a follow camera ignores its body's pitch") {
  Scene scene = car_scene();
  place(scene, {0, 0, 0}, 0, 0.4F);
  CameraMotion motion;
  CHECK((resolve_camera(scene, 0, motion, 0).eye - Eigen::Vector3f(-5, 0, 2)).norm() < 1e-5F);
}

TEST_CASE("a follow camera turns after its body with a lag of 0.18 s") {
  Scene scene = car_scene();
  place(scene, {0, 0, 0}, 0);
  CameraMotion motion;
  resolve_camera(scene, 0, motion, 0);
  place(scene, {0, 0, 0}, 0.5F);
  const CameraView view = resolve_camera(scene, 0, motion, 0.18);
  const auto turned =
      static_cast<float>(0.5 * (1 - std::exp(-1.0)));  // one time constant of a first order lag
  CHECK(std::atan2(-view.eye.y(), -view.eye.x()) == Approx(turned).margin(1e-5));
}

TEST_CASE("a follow camera turns the short way through pi") {
  Scene scene = car_scene();
  place(scene, {0, 0, 0}, 2 * kQuarter - 0.1F);
  CameraMotion motion;
  resolve_camera(scene, 0, motion, 0);
  place(scene, {0, 0, 0}, -2 * kQuarter + 0.1F);
  const CameraView view = resolve_camera(scene, 0, motion, 0.05);
  // Between the two headings lies pi, where the camera stands on the +x side of the body.
  CHECK(view.eye.x() > 4.9F);
}

TEST_CASE("the time between pictures can be cut into pieces without changing where the camera ends") {
  Scene scene = car_scene();
  CameraMotion whole;
  CameraMotion pieces;
  place(scene, {0, 0, 0}, 0);
  resolve_camera(scene, 0, whole, 0);
  resolve_camera(scene, 0, pieces, 0);
  place(scene, {0, 0, 0.3F}, 1);
  const CameraView once = resolve_camera(scene, 0, whole, 0.1);
  CameraView last;
  for (int i = 0; i < 5; ++i) last = resolve_camera(scene, 0, pieces, 0.02);
  CHECK((once.eye - last.eye).norm() < 1e-4F);
}

TEST_CASE("a follow camera jumps without lag when an episode begins") {
  Scene scene = car_scene();
  place(scene, {0, 0, 0}, 0);
  CameraMotion motion;
  resolve_camera(scene, 0, motion, 0);
  SECTION("because the scene was rebuilt") {
    ++scene.revision;
  }
  SECTION("because the body is far away from where it was") {
    place(scene, {50, 0, 0}, 0);
  }
  scene.poses[1].linear() = Eigen::AngleAxisf(kQuarter, Eigen::Vector3f::UnitZ()).toRotationMatrix();
  const CameraView view = resolve_camera(scene, 0, motion, 0.01);
  CHECK((view.eye - scene.poses[1].translation() - Eigen::Vector3f(0, -5, 2)).norm() < 1e-4F);
}

TEST_CASE("a fixed camera stays where the scene puts it, and north is up seen from above") {
  Scene scene = car_scene();
  place(scene, {7, 7, 7}, 1);
  CameraMotion motion;
  const CameraView view = resolve_camera(scene, 1, motion, 0.1);
  CHECK(view.eye == Eigen::Vector3f(1, 2, 30));
  CHECK(view.target == Eigen::Vector3f(1, 2, 0));
  CHECK(view.up == Eigen::Vector3f::UnitY());
  CHECK(view.field_of_view == 0.5F);
}

TEST_CASE("a camera that cannot be resolved is refused with its name") {
  Scene scene = car_scene();
  CameraMotion motion;
  CHECK_THROWS_WITH(resolve_camera(scene, 2, motion, 0), ContainsSubstring("0 to 1, found 2"));
  CHECK_THROWS_AS(resolve_camera(scene, -1, motion, 0), Error);
  scene.cameras[0].body = 5;
  CHECK_THROWS_WITH(resolve_camera(scene, 0, motion, 0),
                    ContainsSubstring("'follow'") && ContainsSubstring("body 5"));
  scene.cameras[1].field_of_view = 4;
  CHECK_THROWS_WITH(resolve_camera(scene, 1, motion, 0), ContainsSubstring("field of view"));
  scene.cameras[1] = {"flat", 0, {1, 1, 1}, {1, 1, 1}, 0.9F};
  CHECK_THROWS_WITH(resolve_camera(scene, 1, motion, 0), ContainsSubstring("coincide"));
}

TEST_CASE("a camera is found by its name, and an unknown name lists the known ones") {
  const Scene scene = car_scene();
  CHECK(find_camera(scene, "top") == 1);
  CHECK_THROWS_AS(find_camera(scene, "tpo"), UsageError);
  CHECK_THROWS_WITH(find_camera(scene, "folow"),
                    ContainsSubstring("folow") && ContainsSubstring("follow") && ContainsSubstring("top"));
}
