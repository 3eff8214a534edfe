#include <cmath>
#include <numbers>
#include <thread>

#include "datasets/types/error.h"
#include "envs/rendering/offscreen.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

/// One sample a pixel, so that every pixel is one surface's colour.
OffscreenOptions square(int size) {
  return {.width = size, .height = size, .samples = 1, .renderer = {}};
}

/// A grey slab with its top at z = 0, too narrow to count as ground, and a red box above it.
Scene shadow_scene(float opacity = 1) {
  Scene scene;
  scene.shapes.push_back(shape(ShapeKind::kBox, {3.9F, 3.9F, 0.1F}, {0, 0, -0.1F}, kGrey));
  scene.shapes.push_back(shape(ShapeKind::kBox, {0.3F, 0.3F, 0.3F}, {0, 0, 2}, kRed));
  scene.shapes.back().opacity = opacity;
  return scene;
}
constexpr float kHeight = 12;  // of the camera above the slab, m
constexpr float kView = 0.6F;  // rad
const CameraView kFromAbove{
    .eye = {0, 0, kHeight}, .target = {0, 0, 0}, .up = Eigen::Vector3f::UnitY(), .field_of_view = kView};

/// Column and row at which the point (x, y, 0) appears from above in a square picture.
Eigen::Vector2d seen_at(double x, double y, int size) {
  const double scale = size / 2.0 / (kHeight * std::tan(kView / 2));
  return {size / 2.0 + x * scale - 0.5, size / 2.0 - y * scale - 0.5};
}

SceneMesh triangle(bool towards_viewer) {
  SceneMesh mesh;
  mesh.positions = {{-1, 0, -1}, {1, 0, -1}, {0, 0, 1}};
  mesh.normals.assign(3, -Eigen::Vector3f::UnitY());
  mesh.indices = {0, 1, 2};
  if (!towards_viewer) mesh.indices = {0, 2, 1};
  return mesh;
}

}  // namespace

TEST_CASE("a red box in front of the camera covers the middle of the picture, sky the corners") {
  OffscreenRenderer renderer(square(200));
  const Image image =
      renderer.render(lone(shape(ShapeKind::kBox, {1, 1, 1}, {0, 0, 0}, kRed)), from_front(8, 0.6F));
  CHECK(is_red(image.pixel(100, 100)));
  for (const int column : {0, 199}) {
    for (const int row : {0, 199}) {
      const std::uint8_t* const corner = image.pixel(column, row);
      CHECK_FALSE(is_red(corner));
      CHECK(corner[2] > corner[0]);
    }
  }
  // The sky is darker towards the zenith, and the horizon stands level in the middle.
  CHECK(brightness(image.pixel(0, 0)) < brightness(image.pixel(0, 99)));
}

TEST_CASE("a sphere's silhouette has the size that perspective predicts") {
  OffscreenRenderer renderer(square(400));
  for (const float distance : {3.0F, 5.0F, 9.0F}) {
    CAPTURE(distance);
    const Scene scene = lone(shape(ShapeKind::kSphere, {1, 0, 0}, {0, 0, 0}, kRed));
    const Region seen = find(renderer.render(scene, from_front(distance, 0.8F)), is_red);
    // The cone of rays that touch the sphere has the half angle asin(r / d).
    const double radius = std::tan(std::asin(1.0 / distance)) / std::tan(0.4) * 200;
    CHECK(seen.count == Approx(std::numbers::pi * radius * radius).epsilon(0.02));
    CHECK(seen.mean_column == Approx(199.5).margin(0.5));
    CHECK(seen.mean_row == Approx(199.5).margin(0.5));
  }
}

TEST_CASE("box, cylinder, capsule and cone have the extents that their sizes say") {
  OffscreenRenderer renderer(square(400));
  constexpr double distance = 50;
  const double scale = 200 / std::tan(0.05);  // pixels per (m / m)
  struct Case {
    ShapeKind kind;
    Eigen::Vector3f size;
    double width;   // pixels
    double height;  // pixels
  };
  // What is nearer to the camera than the shape's middle looks larger in proportion.
  const std::vector<Case> cases{
      {ShapeKind::kBox, {1, 0.7F, 0.5F}, 2 * scale / (distance - 0.7), 1 * scale / (distance - 0.7)},
      {ShapeKind::kCylinder, {0.8F, 0, 1.2F}, 1.6 * scale / distance, 2.4 * scale / (distance - 0.8)},
      {ShapeKind::kCapsule, {0.5F, 0, 1}, 1 * scale / distance, 3 * scale / distance},
      {ShapeKind::kCone, {1, 0, 1}, 2 * scale / distance, scale / distance + scale / (distance - 1)}};
  for (const Case& one : cases) {
    CAPTURE(static_cast<int>(one.kind));
    Scene scene = lone(shape(one.kind, one.size, {0, 0, 0}, kRed));
    scene.revision = static_cast<unsigned>(one.kind);
    const Region seen = find(renderer.render(scene, from_front(distance, 0.1F)), is_red);
    CHECK(seen.width() == Approx(one.width).epsilon(0.02));
    CHECK(seen.height() == Approx(one.height).epsilon(0.02));
  }
}

TEST_CASE("a shape's own frame and its body's pose both move it") {
  OffscreenRenderer renderer(square(400));
  Scene scene = lone(shape(ShapeKind::kSphere, {0.3F, 0, 0}, {0, 0, 1}, kRed));
  scene.poses.resize(2, Eigen::Isometry3f::Identity());
  scene.shapes[0].body = 1;
  const double scale = 200 / std::tan(0.3) / 10;  // pixels per m at a distance of 10 m
  const Region up = find(renderer.render(scene, from_front(10, 0.6F)), is_red);
  CHECK(up.mean_row == Approx(199.5 - scale).margin(1));
  CHECK(up.mean_column == Approx(199.5).margin(1));
  // A quarter turn about y takes z to x; no new revision is needed for a pose.
  scene.poses[1] = Eigen::AngleAxisf(std::numbers::pi_v<float> / 2, Eigen::Vector3f::UnitY());
  const Region right = find(renderer.render(scene, from_front(10, 0.6F)), is_red);
  CHECK(right.mean_row == Approx(199.5).margin(1));
  CHECK(right.mean_column == Approx(199.5 + scale).margin(1));
}

TEST_CASE("a shadow lies where the sun's ray through the box meets the ground, and is darker") {
  OffscreenRenderer renderer(square(400));
  const Image image = renderer.render(shadow_scene(), kFromAbove);
  const Eigen::Vector3f sun = sun_direction();
  const Eigen::Vector2d want = seen_at(-2 * sun.x() / sun.z(), -2 * sun.y() / sun.z(), 400);
  const Eigen::Vector2d open = seen_at(2, 2, 400);
  const int lit = brightness(image.pixel(static_cast<int>(open.x()), static_cast<int>(open.y())));
  const int dark = brightness(image.pixel(static_cast<int>(want.x()), static_cast<int>(want.y())));
  CHECK(dark < 0.6 * lit);
  const Region shadow = find(
      image, [&](const std::uint8_t* rgb) { return !is_red(rgb) && brightness(rgb) < (lit + dark) / 2; });
  CHECK(shadow.mean_column == Approx(want.x()).margin(2));
  CHECK(shadow.mean_row == Approx(want.y()).margin(2));
}

TEST_CASE("a scene may move its sun, and the shadow with it, and dim it") {
  OffscreenRenderer renderer(square(400));
  Scene scene = shadow_scene();
  scene.light.direction = {-0.5F, 0.4F, 1.6F};  // of any length
  const Image image = renderer.render(scene, kFromAbove);
  const Eigen::Vector3f sun = scene.light.direction;
  const Eigen::Vector2d want = seen_at(-2 * sun.x() / sun.z(), -2 * sun.y() / sun.z(), 400);
  const Eigen::Vector2d open = seen_at(2, 2, 400);
  const auto at = [&](const Image& picture, const Eigen::Vector2d& place) {
    return brightness(picture.pixel(static_cast<int>(place.x()), static_cast<int>(place.y())));
  };
  CHECK(at(image, want) < 0.6 * at(image, open));
  // Without sunlight the open ground is as dark as the shadow was; no new revision is needed for light.
  scene.light.intensity = 0;
  const Image night = renderer.render(scene, kFromAbove);
  CHECK(at(night, open) == Approx(at(image, want)).epsilon(0.05));
}

TEST_CASE("there are no shadows without a shadow map, and none of what is translucent") {
  OffscreenOptions options = square(400);
  float opacity = 1;
  SECTION("no shadow map") {
    options.renderer.shadow_size = 0;
  }
  SECTION("translucent") {
    opacity = 0.9F;
  }
  OffscreenRenderer renderer(options);
  const Image image = renderer.render(shadow_scene(opacity), kFromAbove);
  const Eigen::Vector3f sun = sun_direction();
  const Eigen::Vector2d under = seen_at(-2 * sun.x() / sun.z(), -2 * sun.y() / sun.z(), 400);
  const Eigen::Vector2d open = seen_at(-2 * sun.x() / sun.z(), 2 + 2 * sun.y() / sun.z(), 400);
  CHECK(
      brightness(image.pixel(static_cast<int>(under.x()), static_cast<int>(under.y()))) ==
      Approx(brightness(image.pixel(static_cast<int>(open.x()), static_cast<int>(open.y())))).epsilon(0.05));
}

TEST_CASE("an evenly lit plane does not shadow itself") {
  const bool soft = GENERATE(true, false);
  const float elevation = GENERATE(1.0F, 4.0F, 12.0F);
  CAPTURE(soft, elevation);
  OffscreenOptions options = square(300);
  options.renderer.soft_shadows = soft;
  OffscreenRenderer renderer(options);
  const Scene scene = lone(shape(ShapeKind::kBox, {3.9F, 3.9F, 0.1F}, {0, 0, -0.1F}, kGrey));
  const CameraView view{.eye = {0, -6, elevation}, .target = {0, 0, 0}, .field_of_view = 0.5F};
  const Image image = renderer.render(scene, view);
  // Inside the slab's outline neighbours differ by shading alone.
  int worst = 0;
  for (int row = 145; row < 155; ++row) {
    for (int column = 60; column < 240; ++column) {
      worst = std::max(
          worst, std::abs(brightness(image.pixel(column, row)) - brightness(image.pixel(column + 1, row))));
    }
  }
  CHECK(worst <= 6);  // the sum of three bytes
}

TEST_CASE("half a pane over a wall is half the pane and half the wall") {
  OffscreenRenderer renderer(square(100));
  const SceneShape wall = shape(ShapeKind::kBox, {2, 0.1F, 2}, {0, 1, 0}, kRed);
  SceneShape pane = shape(ShapeKind::kBox, {2, 0.1F, 2}, {0, 0, 0}, {0.02F, 0.1F, 0.7F});
  Scene scene = lone(wall);
  const CameraView view = from_front(8, 0.3F);
  const Image behind = renderer.render(scene, view);
  scene.shapes.push_back(pane);
  ++scene.revision;
  const Image front = renderer.render(scene, view);
  scene.shapes.back().opacity = 0.5F;
  ++scene.revision;
  const Image both = renderer.render(scene, view);
  for (int channel = 0; channel < 3; ++channel) {
    const double mean = (behind.pixel(50, 50)[channel] + front.pixel(50, 50)[channel]) / 2.0;
    CHECK(both.pixel(50, 50)[channel] == Approx(mean).margin(2));
  }
}

TEST_CASE("translucent shapes look the same in whatever order they are listed") {
  OffscreenRenderer renderer(square(100));
  SceneShape near = shape(ShapeKind::kSphere, {0.6F, 0, 0}, {0, -1, 0}, kRed);
  SceneShape far = shape(ShapeKind::kSphere, {0.9F, 0, 0}, {0, 1, 0}, {0.1F, 0.7F, 0.1F});
  near.opacity = 0.5F;
  far.opacity = 0.7F;
  Scene one;
  one.shapes = {near, far};
  Scene other;
  other.shapes = {far, near};
  other.revision = 1;
  CHECK(renderer.render(one, from_front(6, 0.5F)).rgb == renderer.render(other, from_front(6, 0.5F)).rgb);
}

TEST_CASE("a mesh shows its own colours, and a new revision's") {
  OffscreenRenderer renderer(square(100));
  Scene scene;
  scene.meshes.push_back(triangle(true));
  scene.meshes[0].colours.assign(3, Eigen::Vector3f(0.02F, 0.6F, 0.02F));
  scene.shapes.push_back(shape(ShapeKind::kMesh, Eigen::Vector3f::Ones(), {0, 0, 0}, kRed));
  scene.shapes[0].mesh = 0;
  const Image green = renderer.render(scene, from_front(6, 0.5F));
  CHECK(green.pixel(50, 50)[1] > 2 * green.pixel(50, 50)[0]);
  scene.meshes[0].colours.clear();  // then the shape's colour holds
  ++scene.revision;
  CHECK(is_red(renderer.render(scene, from_front(6, 0.5F)).pixel(50, 50)));
}

TEST_CASE("triangles are seen from the side from which their corners run counter-clockwise") {
  OffscreenRenderer renderer(square(100));
  Scene scene;
  const bool towards = GENERATE(true, false);
  scene.meshes.push_back(triangle(towards));
  scene.shapes.push_back(shape(ShapeKind::kMesh, Eigen::Vector3f::Ones(), {0, 0, 0}, kRed));
  scene.shapes[0].mesh = 0;
  CHECK(is_red(renderer.render(scene, from_front(6, 0.5F)).pixel(50, 50)) == towards);
}

TEST_CASE("the same scene gives the same bytes, on every thread") {
  const Scene scene = shadow_scene();
  OffscreenRenderer renderer(square(160));
  const Image first = renderer.render(scene, kFromAbove);
  CHECK(renderer.render(scene, kFromAbove).rgb == first.rgb);
  std::vector<Image> images(2);
  std::vector<std::thread> threads;
  for (Image& image : images) {
    threads.emplace_back([&] {
      OffscreenRenderer own(square(160));
      image = own.render(scene, kFromAbove);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(images[0].rgb == first.rgb);
  CHECK(images[1].rgb == first.rgb);
}

TEST_CASE("a scene that contradicts itself is refused by name") {
  OffscreenRenderer renderer(square(50));
  const auto draw = [&](const Scene& scene) { renderer.render(scene, from_front(5, 0.5F)); };
  Scene scene = lone(shape(ShapeKind::kBox, {1, 1, 1}, {0, 0, 0}, kRed));
  scene.shapes[0].body = 3;
  CHECK_THROWS_WITH(draw(scene), ContainsSubstring("body 3 of 1"));
  ++scene.revision;
  scene.shapes[0] = shape(ShapeKind::kMesh, {1, 1, 1}, {0, 0, 0}, kRed);
  scene.shapes[0].mesh = 2;
  CHECK_THROWS_WITH(draw(scene), ContainsSubstring("mesh 2 of 0"));
  ++scene.revision;
  scene.shapes[0].mesh = 0;
  scene.meshes.push_back(triangle(true));
  scene.meshes[0].normals.pop_back();
  CHECK_THROWS_WITH(draw(scene), ContainsSubstring("mesh 0") && ContainsSubstring("3 normals"));
  ++scene.revision;
  scene.meshes[0] = triangle(true);
  scene.meshes[0].indices[1] = 9;
  CHECK_THROWS_WITH(draw(scene), ContainsSubstring("index 9 of 3"));
  // The renderer still works afterwards.
  ++scene.revision;
  scene.meshes[0] = triangle(true);
  CHECK(is_red(renderer.render(scene, from_front(5, 0.5F)).pixel(25, 25)));
}
