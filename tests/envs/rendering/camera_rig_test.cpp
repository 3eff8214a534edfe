#include "envs/rendering/camera_rig.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "datasets/types/error.h"
#include "envs/rendering/offscreen.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

constexpr float kFieldOfView = 0.8F;

/// `shapes` seen by "front" from the origin along +y; body 1 is called "thing".
Scene seen(std::vector<SceneShape> shapes) {
  Scene scene;
  scene.shapes = std::move(shapes);
  scene.poses.assign(3, Eigen::Isometry3f::Identity());
  name_body(scene, 1, "thing");
  scene.cameras.push_back({"front", 0, {0, 0, 0}, {0, 1, 0}, kFieldOfView});
  return scene;
}

SceneShape on_body(SceneShape shape, int body) {
  shape.body = body;
  return shape;
}

CameraRigOptions one(int width, int height) {
  return {
      .cameras = {{.name = "front", .width = width, .height = height}}, .depth = true, .segmentation = true};
}

/// Pixels per metre at distance 1.
double focal(int height) {
  return height / 2.0 / std::tan(kFieldOfView / 2);
}

bool same_bits(const CameraShot& a, const CameraShot& b) {
  return a.colour.rgb == b.colour.rgb && a.depth == b.depth && a.segmentation == b.segmentation;
}

}  // namespace

TEST_CASE("every pixel of a wall is as deep as the wall is away, on the picture's edge too") {
  CameraRig rig(one(64, 48));
  for (const float distance : {0.1F, 0.5F, 2.0F, 20.0F, 200.0F}) {
    CAPTURE(distance);
    const float half = 2 * distance;
    const Scene scene = seen({shape(ShapeKind::kBox, {half, 0.01F, half}, {0, distance + 0.01F, 0}, kGrey)});
    const CameraShot& shot = rig.shoot(scene).front();
    REQUIRE(shot.depth.size() == 64 * 48);
    const auto [low, high] = std::minmax_element(shot.depth.begin(), shot.depth.end());
    // Single precision carries seven digits: 0.1 mm at 200 m is its last one.
    CHECK(std::abs(*low - distance) < std::max(2e-5F, 1e-6F * distance));
    CHECK(std::abs(*high - distance) < std::max(2e-5F, 1e-6F * distance));
  }
}

TEST_CASE("the ground is as deep as the pixel's ray goes until it meets it") {
  // An eye 1.5 m up that looks down at 30 degrees.
  constexpr int kWidth = 80, kHeight = 60;
  constexpr double kEye = 1.5;
  const double pitch = std::numbers::pi / 6;
  Scene scene = seen({shape(ShapeKind::kBox, {500, 500, 1}, {0, 0, -1}, kGrey)});
  scene.cameras[0].eye = {0, 0, static_cast<float>(kEye)};
  scene.cameras[0].target = {0, static_cast<float>(std::cos(pitch)),
                             static_cast<float>(kEye - std::sin(pitch))};
  CameraRig rig(one(kWidth, kHeight));
  const CameraShot& shot = rig.shoot(scene).front();
  double worst = 0;
  int sky = 0;
  for (int row = 0; row < kHeight; ++row) {
    // Along the view 1, upwards in the picture `up`: the ray sinks by sin - up * cos per metre of depth.
    const double up = (kHeight / 2.0 - row - 0.5) / focal(kHeight);
    const double sinks = std::sin(pitch) - up * std::cos(pitch);
    const double expected = kEye / sinks;
    for (int column = 0; column < kWidth; ++column) {
      const auto at = static_cast<std::size_t>(row * kWidth + column);
      if (shot.segmentation[at] == kNoBody) {
        ++sky;
        CHECK(shot.depth[at] == kNoDepth);
      } else {
        worst = std::max(worst, std::abs(shot.depth[at] - expected) / expected);
      }
    }
  }
  CHECK(worst < 1e-5);
  CHECK(sky == 0);  // the picture's upper edge still looks down, by 30 - 23 degrees
}

TEST_CASE("a sphere's nearest point is its distance less its radius") {
  // An odd number of pixels: the middle one's centre lies on the axis.
  CameraRig rig(one(65, 65));
  for (const float radius : {0.02F, 0.3F, 1.0F}) {
    CAPTURE(radius);
    const float distance = 4 * radius;
    const CameraShot& shot =
        rig.shoot(seen({on_body(shape(ShapeKind::kSphere, {radius, 0, 0}, {0, distance, 0}, kRed), 1)}))
            .front();
    const float middle = shot.depth[32 * 65 + 32];
    CHECK(std::abs(middle - (distance - radius)) < 1e-4F * radius);
    float nearest = 1e9F;
    for (const float depth : shot.depth) {
      if (depth != kNoDepth) nearest = std::min(nearest, depth);
    }
    CHECK(nearest == middle);
  }
}

TEST_CASE("segments are as large as perspective projects the bodies, and the rest is nothing") {
  constexpr int kSide = 240;
  CameraRig rig(one(kSide, kSide));
  // A square of 1 m at 4 m, and beside it a sphere of 0.3 m at 3 m.
  const Scene scene = seen({on_body(shape(ShapeKind::kBox, {0.5F, 0.1F, 0.5F}, {-0.6F, 4.1F, 0}, kGrey), 1),
                            on_body(shape(ShapeKind::kSphere, {0.3F, 0, 0}, {0, 3, -0.75F}, kRed), 2)});
  const CameraShot& shot = rig.shoot(scene).front();
  const auto count = [&](std::int16_t body) {
    return std::count(shot.segmentation.begin(), shot.segmentation.end(), body);
  };
  // The square's face is parallel to the picture; of its sides one is seen: from x = -0.1 nothing, since the
  // eye stands to the right of it, so that face and the right side (0.2 m deep) show.
  const double near = focal(kSide) / 4.0, far = focal(kSide) / 4.2;
  const double face = near * near;
  const double side = (near * 1.0 + far * 1.0) / 2 * (0.1 * near - 0.1 * far);
  // Pixels are counted by their centres: half a pixel more or less along the outline.
  CHECK(static_cast<double>(count(1)) == Approx(face + side).margin(0.5 * 4 * near));
  // Off the axis a sphere's outline is the ellipse in which the picture's plane cuts the cone of half angle
  // a = asin(r / d) around a direction at angle t: half axes f sin(a) cos(a) / (cos^2(t) - sin^2(a)) and
  // f sin(a) / sqrt(cos^2(t) - sin^2(a)).
  const double d = std::hypot(3.0, 0.75), a = std::asin(0.3 / d), t = std::atan2(0.75, 3.0);
  const double spread = std::cos(t) * std::cos(t) - std::sin(a) * std::sin(a);
  const double ellipse = std::numbers::pi * focal(kSide) * focal(kSide) * std::sin(a) * std::sin(a) *
                         std::cos(a) / std::pow(spread, 1.5);
  CHECK(static_cast<double>(count(2)) == Approx(ellipse).epsilon(0.02));  // of 32 flat sides: 0.6 % less
  CHECK(count(1) + count(2) + count(kNoBody) == kSide * kSide);
  CHECK(body_name(scene, 1) == "thing");
  CHECK(body_name(scene, 2) == "body_2");
  CHECK(body_name(scene, 0) == "world");
}

TEST_CASE("the nearer body hides the farther one, and a translucent one is not there") {
  CameraRig rig(one(31, 31));
  const SceneShape back = on_body(shape(ShapeKind::kBox, {9, 0.1F, 9}, {0, 5.1F, 0}, kGrey), 1);
  SceneShape front = on_body(shape(ShapeKind::kBox, {0.2F, 0.1F, 0.2F}, {0, 2.1F, 0}, kRed), 2);
  const std::size_t middle = 15 * 31 + 15;
  for (const bool front_first : {true, false}) {
    Scene scene = front_first ? seen({front, back}) : seen({back, front});
    const CameraShot& shot = rig.shoot(scene).front();
    CHECK(shot.segmentation[middle] == 2);
    CHECK(shot.depth[middle] == Approx(2.0));
    CHECK(shot.segmentation[0] == 1);
    CHECK(shot.depth[0] == Approx(5.0));
  }
  front.opacity = 0.5F;
  Scene scene = seen({back, front});
  scene.revision = 7;
  const CameraShot& shot = rig.shoot(scene).front();
  CHECK(shot.segmentation[middle] == 1);
  CHECK(shot.depth[middle] == Approx(5.0));
  CHECK(is_red(shot.colour.pixel(15, 15)));
}

TEST_CASE("a rig's colours are the off-screen renderer's, four of whose pixels make one") {
  const auto environment = make_environment("Reach");
  Vector observation(environment->spec().observation.size());
  environment->reset(3, observation);
  const Scene& scene = environment->scene();
  const RendererOptions drawing{.shadow_size = 256, .soft_shadows = false, .segments = 24};
  CameraMotion motion;
  const CameraView view = resolve_camera(scene, find_camera(scene, "front"), motion, 0);

  CameraRig plain({.cameras = {{.name = "front", .width = 96, .height = 64}}, .smooth = false});
  OffscreenRenderer single({.width = 96, .height = 64, .samples = 1, .renderer = drawing});
  const CameraShot& shot = plain.shoot(scene).front();
  CHECK(shot.colour.rgb == single.render(scene, view).rgb);
  CHECK(shot.depth.empty());
  CHECK(shot.segmentation.empty());

  CameraRig smooth({.cameras = {{.name = "front", .width = 96, .height = 64}}});
  OffscreenRenderer twice({.width = 192, .height = 128, .samples = 1, .renderer = drawing});
  CHECK(smooth.shoot(scene).front().colour.rgb == halved(twice.render(scene, view)).rgb);
}

TEST_CASE("pictures of a state have the same bits whatever was drawn before, by another rig too") {
  const auto environment = make_environment("Drive");
  const EnvironmentSpec& spec = environment->spec();
  Vector observation(spec.observation.size());
  environment->reset(5, observation);
  const CameraRigOptions options{.cameras = {{.name = "follow"},
                                             {.name = "top", .width = 64, .height = 48},
                                             {.name = "helmet", .width = 84, .height = 84}},
                                 .depth = true,
                                 .segmentation = true};
  CameraRig rig(options);
  std::vector<State> states;
  std::vector<std::vector<CameraShot>> first;
  const Vector full_throttle = Vector::Constant(spec.action.size(), 0.4F);
  for (int step = 0; step < 12; ++step) {
    State state(environment->state_dim());
    environment->read_state(state);
    states.push_back(state);
    first.push_back(rig.shoot(environment->scene()));
    environment->step(full_throttle, observation);
  }
  REQUIRE_FALSE(same_bits(first.front()[0], first.back()[0]));

  const auto shown = make_environment("Drive");
  shown->reset(5, observation);
  CameraRig other(options);
  CameraRig lone({.cameras = {{.name = "top", .width = 64, .height = 48}}});
  for (std::size_t i = states.size(); i-- > 0;) {
    CAPTURE(i);
    shown->show_state(states[i]);
    const std::vector<CameraShot>& again = other.shoot(shown->scene());
    REQUIRE(again.size() == 3);
    CHECK(lone.shoot(shown->scene())[0].colour.rgb == first[i][1].colour.rgb);
    for (std::size_t c = 0; c < again.size(); ++c) CHECK(same_bits(again[c], first[i][c]));
  }
}

TEST_CASE("every body that a task's cameras see has a name") {
  for (const std::string& id : environment_ids()) {
    CAPTURE(id);
    const auto environment = make_environment(id);
    Vector observation(environment->spec().observation.size());
    environment->reset(1, observation);
    const Scene& scene = environment->scene();
    CameraRigOptions options{.cameras = {}, .depth = true, .segmentation = true};
    for (const SceneCamera& camera : scene.cameras) options.cameras.push_back({.name = camera.name});
    CameraRig rig(options);
    std::set<int> bodies;
    for (const CameraShot& shot : rig.shoot(scene)) {
      for (std::size_t i = 0; i < shot.segmentation.size(); ++i) {
        // Depth and segmentation agree on where there is something.
        REQUIRE((shot.depth[i] == kNoDepth) == (shot.segmentation[i] == kNoBody));
        if (shot.segmentation[i] != kNoBody) bodies.insert(shot.segmentation[i]);
      }
    }
    CHECK(bodies.size() > 1);
    CHECK(*bodies.rbegin() < static_cast<int>(scene.poses.size()));
    for (const int body : bodies) CHECK_FALSE(body_name(scene, body).empty());
  }
}

TEST_CASE("cameras of a rig are named with their size, and mistakes are explained") {
  CHECK(parse_rig_camera("front").width == 84);
  CHECK(parse_rig_camera("front", 32, 16).height == 16);
  const RigCamera camera = parse_rig_camera("top:128x96");
  CHECK(camera.name == "top");
  CHECK(camera.width == 128);
  CHECK(camera.height == 96);
  for (const char* wrong : {"top:", "top:12", "top:12x", "top:0x9", "top:9x4097", "top:9x9x9", "top:-4x4"}) {
    CAPTURE(wrong);
    CHECK_THROWS_WITH(parse_rig_camera(wrong), ContainsSubstring("want WIDTHxHEIGHT"));
  }
  CHECK_THROWS_WITH(parse_rig_camera(":9x9"), ContainsSubstring("want NAME"));
  CHECK_THROWS_WITH(CameraRig({.cameras = {}}), ContainsSubstring("at least one camera"));
  CHECK_THROWS_WITH(CameraRig({.cameras = {{.name = "top"}, {.name = "top"}}}),
                    ContainsSubstring("'top' twice"));
  CameraRig rig({.cameras = {{.name = "fron"}}});
  CHECK_THROWS_WITH(rig.shoot(seen({shape(ShapeKind::kBox, {1, 1, 1}, {0, 5, 0}, kRed)})),
                    ContainsSubstring("front"));
}
