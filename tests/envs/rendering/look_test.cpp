#include "envs/rendering/look.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/rendering/camera_rig.h"
#include "envs/rendering/dressed_scene.h"
#include "envs/rendering/film.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

Looks looks(const std::string& text) {
  return Looks::parse(text, "look.toml");
}

/// A red box on grey ground, seen from the front.
Scene boxed() {
  Scene scene;
  scene.shapes = {shape(ShapeKind::kBox, {2, 2, 0.1F}, {0, 0, -0.1F}, kGrey),
                  shape(ShapeKind::kBox, {0.1F, 0.1F, 0.2F}, {0, 0, 0.2F}, kRed)};
  scene.cameras.push_back({"front", 0, {1.5F, 0, 0.8F}, {0, 0, 0.1F}, 0.8F});
  return scene;
}

Image seen(const std::optional<Look>& look) {
  CameraRig rig({.cameras = {{.name = "front", .width = 64, .height = 64}}});
  rig.wear(look);
  return rig.shoot(boxed()).front().colour;
}

Image grey(int side, std::uint8_t value) {
  return {.width = side,
          .height = side,
          .rgb = std::vector<std::uint8_t>(3 * static_cast<std::size_t>(side * side), value)};
}

}  // namespace

TEST_CASE("a look is the same for every episode, or another for each, by the file's word and seed alone") {
  const Looks world = looks("seed = 7"), episodes = looks("seed = 7\neach = \"episode\"");
  CHECK(world.draw(1).exposure == world.draw(2).exposure);
  CHECK(world.draw(1).seed == looks("seed = 7").draw(5).seed);
  CHECK(world.draw(1).exposure != looks("seed = 8").draw(1).exposure);
  CHECK(episodes.draw(1).exposure != episodes.draw(2).exposure);
  CHECK(episodes.draw(1).seed == looks("seed = 7\neach = \"episode\"").draw(1).seed);
  CHECK(world.name() == looks("seed = 7").name());
  CHECK(world.name() != episodes.name());
}

TEST_CASE("what a file names is as it says, and what it does not name stays as it was drawn") {
  const Look drawn = looks("seed = 7").draw(0);
  const Look fixed = looks("seed = 7\n[film]\nblur = 0.05\n[camera]\nx = [0.1, 0.2]").draw(0);
  CHECK(fixed.blur == 0.05F);
  CHECK(fixed.offset.x() >= 0.1F);
  CHECK(fixed.offset.x() <= 0.2F);
  CHECK(fixed.exposure == drawn.exposure);
  CHECK(fixed.offset.y() == drawn.offset.y());
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Look any = looks("seed = " + std::to_string(seed)).draw(0);
    CHECK(any.offset.cwiseAbs().maxCoeff() <= 0.02F);                                  // 2 cm
    CHECK(any.turn.cwiseAbs().maxCoeff() <= 3.01F * std::numbers::pi_v<float> / 180);  // 3 degrees
    CHECK(std::abs(any.field_of_view - 1) <= 0.0301F);
  }
}

TEST_CASE("the printed template is a file that reads back, with every quantity in it") {
  const std::string text = example_looks();
  CHECK(looks(text).draw(3).exposure == looks("seed = 1").draw(0).exposure);
  for (const LookQuantity& quantity : look_quantities())
    CHECK_THAT(text, ContainsSubstring(quantity.key.substr(quantity.key.find('.') + 1) + " = "));
}

TEST_CASE("a look's mistakes are one line with place, wish and finding") {
  CHECK_THROWS_WITH(looks("each = \"world\""), ContainsSubstring("look.toml: want a seed"));
  CHECK_THROWS_WITH(
      looks("seed = 1\n[film]\nblurr = 1"),
      ContainsSubstring("look.toml:3:1: unknown quantity of a look 'film.blurr': did you mean 'film.blur'"));
  CHECK_THROWS_WITH(looks("seed = 1\n[film]\nblur = 2"),
                    ContainsSubstring("film.blur: want 0 to 0.1, the lower first, found 2"));
  CHECK_THROWS_WITH(looks("seed = 1\neach = \"day\""), ContainsSubstring("want \"world\" or \"episode\""));
  CHECK_THROWS_WITH(looks("seed = -1"), ContainsSubstring("want a whole number from 0"));
  CHECK_THROWS_AS(looks("seed = 1\n[film]\nblur = [0.02, 0.01]"), UsageError);
}

TEST_CASE("film without faults leaves a picture as it is, and each fault does what it says") {
  Image image = grey(33, 100);
  image.rgb[3 * (16 * 33 + 16)] = 200;
  const Image before = image;
  develop({}, image);
  CHECK(image.rgb == before.rgb);

  Image dark = grey(33, 200);
  Look vignette;
  vignette.vignette = 1;
  develop(vignette, dark);
  CHECK(dark.pixel(16, 16)[0] == 200);  // the middle
  CHECK(dark.pixel(0, 0)[0] < 60);  // light falls to 1 - (32/33)^2 = 0.06, values with its root: 0.244 x 200
  CHECK(dark.pixel(0, 0)[0] > 40);

  Image exposed = grey(8, 100);
  Look twice;
  twice.exposure = 4;
  twice.balance = {1, 1, 0.25F};
  develop(twice, exposed);
  CHECK(exposed.pixel(4, 4)[0] == 200);  // four times the light, twice the value
  CHECK(exposed.pixel(4, 4)[2] == 100);

  Image spread = before;
  Look blurred;
  blurred.blur = 0.06F;
  develop(blurred, spread);
  CHECK(spread.pixel(16, 16)[0] < 130);
  CHECK(spread.pixel(18, 16)[0] > 100);
}

TEST_CASE("the sensor's noise has the deviation asked for, and the same bits for the same picture only") {
  Look noisy;
  noisy.noise = 0.05F;
  noisy.seed = 3;
  Image a = grey(64, 128), b = grey(64, 128), c = grey(64, 129);
  develop(noisy, a);
  develop(noisy, b);
  develop(noisy, c);
  CHECK(a.rgb == b.rgb);
  CHECK(a.rgb != c.rgb);
  double sum = 0, squares = 0;
  for (const std::uint8_t value : a.rgb) {
    const double entry = value;
    sum += entry;
    squares += entry * entry;
  }
  const auto count = static_cast<double>(a.rgb.size());
  const double deviation = std::sqrt(squares / count - sum / count * (sum / count));
  // 0.05 x 255 x sqrt(0.1 + 0.9 x 128/255) = 9.46; 12288 samples tell it within 2 %.
  CHECK(deviation > 9.46 * 0.96);
  CHECK(deviation < 9.46 * 1.04);
}

TEST_CASE("a camera that is off sees what one at the moved place would") {
  Look look;
  look.offset = {0.1F, 0.2F, 0.3F};
  look.turn = {0, std::numbers::pi_v<float> / 2, 0};
  look.field_of_view = 1.1F;
  const CameraView view =
      moved({.eye = {0, 0, 0}, .target = {2, 0, 0}, .up = {0, 0, 1}, .field_of_view = 1}, look);
  CHECK((view.eye - Eigen::Vector3f(0.1F, 0.2F, 0.3F)).norm() < 1e-6F);
  CHECK((view.target - Eigen::Vector3f(0.1F, 2.2F, 0.3F)).norm() < 1e-5F);  // turned left by 90 degrees
  CHECK(std::abs(view.field_of_view - 1.1F) < 1e-6F);
  look.turn = {0, 0, 0.5F};
  const CameraView rolled =
      moved({.eye = {0, 0, 0}, .target = {2, 0, 0}, .up = {0, 0, 1}, .field_of_view = 1}, look);
  CHECK(std::abs(std::acos(rolled.up.z()) - 0.5F) < 1e-5F);
}

TEST_CASE("taking a look off gives the very pictures from before it was put on") {
  CameraRig rig({.cameras = {{.name = "front", .width = 64, .height = 64}}});
  const Scene scene = boxed();
  const Image before = rig.shoot(scene).front().colour;
  rig.wear(looks("seed = 7").draw(0));
  const Image dressed = rig.shoot(scene).front().colour;
  CHECK(dressed.rgb != before.rgb);
  CHECK(rig.shoot(scene).front().colour.rgb == dressed.rgb);
  rig.wear(std::nullopt);
  CHECK(rig.shoot(scene).front().colour.rgb == before.rgb);
  CHECK(seen(looks("seed = 7").draw(0)).rgb == dressed.rgb);  // another rig
}

TEST_CASE("texture, second light and distractors each change the picture, and nothing else does") {
  Look bare;
  const Image before = seen(bare);
  Look texture;
  texture.surface.texture = 0.8F;
  texture.surface.texture_size = 0.1F;
  Look second;
  second.surface.second = Eigen::Vector3f(1, 0, 0);
  second.surface.second_light.setConstant(1);
  Look things;
  things.distractors = 8;
  things.seed = 5;
  for (const Look& look : {texture, second, things}) {
    const Image after = seen(look);
    int changed = 0;
    for (std::size_t i = 0; i < after.rgb.size(); ++i)
      if (std::abs(int{after.rgb[i]} - int{before.rgb[i]}) > 8) ++changed;
    CHECK(changed > 60);
  }
  // A light from the front makes the front brighter.
  CHECK(brightness(seen(second).pixel(32, 30)) > brightness(before.pixel(32, 30)));
}

TEST_CASE("the second light casts a shadow of its own") {
  // Straight from the left; the box's shadow falls on the ground to the right of it, where without the box is light.
  Look second;
  second.surface.sun_light.setZero();
  second.surface.second = Eigen::Vector3f(0, -1, 1).normalized();
  second.surface.second_light.setConstant(1);
  CameraRig rig({.cameras = {{.name = "front", .width = 64, .height = 64}}});
  rig.wear(second);
  Scene scene = boxed();
  const Image with = rig.shoot(scene).front().colour;
  scene.shapes.pop_back();
  ++scene.revision;
  const Image without = rig.shoot(scene).front().colour;
  int darker = 0;
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < 64; ++column)
      if (!is_red(with.pixel(column, row)) &&
          brightness(with.pixel(column, row)) + 60 < brightness(without.pixel(column, row)))
        ++darker;
  CHECK(darker > 40);
}
