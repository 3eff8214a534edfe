#include "capture/view/orbit.h"

#include <cmath>
#include <numbers>

#include "capture/input/bindings.h"
#include "capture/view/marks.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

using Eigen::Vector3f;

constexpr double kPi = std::numbers::pi;

SceneHandle planar() {
  return {.body = 0, .x = 0, .y = 1};
}

TEST_CASE("away is where the eye looks, and up in the picture seen from above") {
  CHECK(away_heading({.eye = {-2, 0, 1}}) == Approx(0).margin(1e-6));
  CHECK(away_heading({.eye = {0, -2, 1}}) == Approx(kPi / 2));
  CHECK(away_heading({.eye = {1, -1, 1}}) == Approx(3 * kPi / 4));
  CHECK(away_heading({.eye = {0, 0, 3}, .up = Vector3f::UnitY()}) == Approx(kPi / 2));
}

TEST_CASE("forward on the stick goes away from the eye, left goes to its left") {
  // Over the right shoulder of an arm that looks along x: the eye looks along x and y alike.
  const double heading = away_heading({.eye = {-1, -1, 1}});
  Vector action(3);
  action << 1, 0, 0.5F;
  turn_from_screen(planar(), heading, action);
  CHECK(action[0] == Approx(std::sqrt(0.5)));
  CHECK(action[1] == Approx(std::sqrt(0.5)));
  CHECK(action[2] == 0.5F);
  action << 0, 1, 0;
  turn_from_screen(planar(), heading, action);
  CHECK(action[0] == Approx(-std::sqrt(0.5)));
  CHECK(action[1] == Approx(std::sqrt(0.5)));
}

TEST_CASE("a camera that faces the operator's usual one reverses what the stick means") {
  Vector action(2);
  action << 1, 0.5F;
  turn_from_screen(planar(), away_heading({.eye = {2, 0, 1}}), action);
  CHECK(action[0] == Approx(-1));
  CHECK(action[1] == Approx(-0.5));
}

TEST_CASE("a turned action stays within its limits and keeps its direction, and can be turned back") {
  const double heading = GENERATE(-2.5, -0.7, 0.0, 0.35, 1.9, 3.1);
  CAPTURE(heading);
  Vector action(2);
  action << 1, 1;
  turn_from_screen(planar(), heading, action);
  CHECK(action.cwiseAbs().maxCoeff() <= 1);
  turn_to_screen(planar(), heading, action);
  CHECK(action[0] == Approx(action[1]));
  action << 0.6F, -0.3F;
  turn_from_screen(planar(), heading, action);
  turn_to_screen(planar(), heading, action);
  CHECK(action[0] == Approx(0.6));
  CHECK(action[1] == Approx(-0.3));
}

TEST_CASE("what is not driven in the plane is not turned") {
  Vector action(2);
  action << 0.25F, -1;
  turn_from_screen({.body = 0, .z = 0}, 1.0, action);
  CHECK(action[0] == 0.25F);
  CHECK(action[1] == -1);
}

TEST_CASE("an orbit turns the eye about the target, and never over the top") {
  const CameraView view{.eye = {0, -4, 3}, .target = {0, 0, 0}};
  const CameraView same = orbited(view, {});
  CHECK(same.eye == view.eye);
  const CameraView turned = orbited(view, {.turn = static_cast<float>(kPi / 2)});
  CHECK((turned.eye - Vector3f(4, 0, 3)).norm() == Approx(0).margin(1e-4));
  CHECK(std::abs(away_heading(turned)) == Approx(kPi));
  const CameraView near = orbited(view, {.zoom = 2});
  CHECK((near.eye - Vector3f(0, -2, 1.5F)).norm() == Approx(0).margin(1e-4));
  const CameraView high = orbited(view, {.lift = 3});
  CHECK(high.eye.norm() == Approx(5));
  CHECK(high.eye.z() == Approx(5 * std::sin(85 * kPi / 180)));
  CHECK(away_heading(high) == Approx(kPi / 2));
  const CameraView low = orbited(view, {.lift = -3});
  CHECK(low.eye.z() == Approx(-5 * std::sin(10 * kPi / 180)));
}

TEST_CASE("a drag across the window's height turns half round, the wheel stops at its ends") {
  CHECK(std::abs(dragged({}, 720, 0, 720).turn) == Approx(kPi));
  CHECK(dragged({}, 0, 180, 720).lift == Approx(kPi / 4));
  CHECK(dragged({}, -180, 0, 720).turn == Approx(kPi / 4));
  CHECK(zoomed({}, 1000).zoom == kMostZoom);
  CHECK(zoomed({}, -1000).zoom == kLeastZoom);
  CHECK(zoomed(zoomed({}, 3), -3).zoom == Approx(1));
}

TEST_CASE("in every camera of every task forward points up in the picture and left to the left") {
  int tasks = 0;
  for (const std::string& id : environment_ids()) {
    const auto environment = make_environment(id);
    Vector observation(environment->spec().observation.size());
    environment->reset(1, observation);
    const Scene& scene = environment->scene();
    const SceneHandle& handle = scene.handle;
    if (handle.x < 0) continue;
    ++tasks;
    const auto names = entry_names(environment->spec().action);
    CHECK(names[static_cast<std::size_t>(handle.x)] == "dx");
    CHECK(names[static_cast<std::size_t>(handle.y)] == "dy");
    for (std::size_t camera = 0; camera < scene.cameras.size(); ++camera) {
      for (const float turn : {0.0F, 1.0F, -2.2F}) {
        CAPTURE(id, scene.cameras[camera].name, turn);
        CameraMotion none;
        const CameraView view =
            orbited(resolve_camera(scene, static_cast<int>(camera), none, 0), {.turn = turn});
        const HudMarks marks = find_marks(scene, view, 1280, 720, {});
        for (const HudMarks::Axis& axis : marks.axes) {
          if (axis.word == "forward") CHECK(axis.to.y() < axis.from.y());
          if (axis.word == "left") CHECK(axis.to.x() < axis.from.x());
          if (axis.word == "up") CHECK(axis.to.y() < axis.from.y());
        }
        // An axis that points straight at the viewer may be missing, not more.
        CHECK(marks.axes.size() + 1 >= (handle.z < 0 ? 2U : 3U));
      }
    }
  }
  CHECK(tasks >= 8);
}

TEST_CASE("marks lie where the picture shows what they mark, and nothing behind the eye is marked") {
  Scene scene;
  scene.contacts = {{0, 0, 0}, {0, -9, 0}};
  const CameraView view{.eye = {0, -5, 0}, .target = {0, 0, 0}, .field_of_view = static_cast<float>(kPi / 2)};
  const HudMarks marks = find_marks(scene, view, 800, 400, {{0, 0, 0}, {5, 0, 0}, {0, -9, 0}, {0, 0, 5}});
  REQUIRE(marks.contacts.size() == 1);
  CHECK((marks.contacts[0] - Eigen::Vector2f(400, 200)).norm() < 1e-2F);
  // 45 degrees above the middle is the upper edge; as far to the right is as many pixels to the right.
  REQUIRE(marks.paths.size() == 2);
  REQUIRE(marks.paths[0].size() == 2);
  CHECK((marks.paths[0][1] - Eigen::Vector2f(600, 200)).norm() < 1e-2F);
  CHECK((marks.paths[1][0] - Eigen::Vector2f(400, 0)).norm() < 1e-2F);
  CHECK(marks.axes.empty());
}

}  // namespace
}  // namespace understudy::tests
