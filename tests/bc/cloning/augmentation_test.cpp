// Crops, brightness and colour: what they do to pictures that can be reckoned by hand.

#include "bc/cloning/augmentation.h"

#include <set>
#include <utility>

#include "tests/support/catch.h"

namespace understudy {
namespace {

const SightCamera kCamera{"eye", 5, 4};

/// 3 times the pixel's number, and the colour.
std::vector<std::uint8_t> numbered() {
  std::vector<std::uint8_t> picture(60);
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::uint8_t>(i);
  return picture;
}

TEST_CASE("a crop is the part of the picture that begins where it is told to") {
  const std::vector<std::uint8_t> picture = numbered();
  std::vector<float> out(3 * 2 * 3);
  CHECK(write_picture(picture.data(), kCamera, 2, {.left = 1, .top = 2}, out.data()) == out.data() + 18);
  // Rows 2 and 3, columns 1 to 3: pixels 11, 12, 13 and 16, 17, 18.
  const std::vector<float> wanted{33, 34, 35, 36, 37, 38, 39, 40, 41, 48, 49, 50, 51, 52, 53, 54, 55, 56};
  CHECK(out == wanted);
}

TEST_CASE("factors are each colour's own, and nothing is brighter than white") {
  const SightCamera one{"eye", 1, 1};
  const std::uint8_t pixel[3] = {100, 200, 10};
  float out[3];
  write_picture(pixel, one, 0, {.left = 0, .top = 0, .gain = {0.5F, 1.5F, 2}}, out);
  CHECK(out[0] == 50);
  CHECK(out[1] == 255);
  CHECK(out[2] == 20);
}

TEST_CASE("crops come everywhere equally often, and the middle is between them") {
  const AugmentationConfig config{.crop = 3, .brightness = 0, .colour = 0};
  Rng rng(1);
  int counts[4][4] = {};
  constexpr int kDraws = 16000;
  for (int i = 0; i < kDraws; ++i) {
    const PictureChange change = draw_change(config, rng);
    ++counts[change.top][change.left];
    REQUIRE(change.gain[0] == 1);
  }
  // Expected 1000 each; four standard deviations are 122.
  for (const auto& row : counts) {
    for (const int count : row) CHECK(std::abs(count - kDraws / 16) < 122);
  }
  CHECK(no_change(config).left == 1);
  CHECK(no_change({.crop = 8, .brightness = 0, .colour = 0}).top == 4);
}

TEST_CASE("brightness is one factor, colours are three, each uniform around 1") {
  Rng rng(2);
  double sum = 0, least = 2, most = 0;
  for (int i = 0; i < 4000; ++i) {
    const PictureChange bright = draw_change({.crop = 0, .brightness = 0.3, .colour = 0}, rng);
    REQUIRE(bright.gain[0] == bright.gain[1]);
    REQUIRE(bright.gain[0] == bright.gain[2]);
    const PictureChange coloured = draw_change({.crop = 0, .brightness = 0, .colour = 0.3}, rng);
    REQUIRE(coloured.gain[0] != coloured.gain[1]);
    const auto factor = static_cast<double>(coloured.gain[2]);
    sum += factor;
    least = std::min(least, factor);
    most = std::max(most, factor);
  }
  CHECK(sum / 4000 == Approx(1).margin(0.011));  // four deviations of the mean: 4 * 0.3 / sqrt(3 * 4000)
  CHECK(least == Approx(0.7).margin(0.002));
  CHECK(most == Approx(1.3).margin(0.002));
}

TEST_CASE("what is switched off draws nothing, so that other draws stay as they were") {
  Rng used(3), fresh(3);
  draw_change({.crop = 0, .brightness = 0, .colour = 0}, used);
  CHECK(used.bits() == fresh.bits());
}

TEST_CASE("the check at the start lets every augmentation through that does as it is told, at any size") {
  const auto [width, height] = GENERATE(std::pair{84, 84}, std::pair{33, 20}, std::pair{17, 64});
  const double share = GENERATE(0.0, 0.05, 0.9);
  const int crop = GENERATE(0, 1, 4);
  CAPTURE(width, height, share, crop);
  const SightCamera camera{"eye", width, height};
  CHECK_NOTHROW(check_augmentation({.crop = crop, .brightness = share, .colour = 0}, camera));
  CHECK_NOTHROW(check_augmentation({.crop = crop, .brightness = 0, .colour = share}, camera));
  CHECK_NOTHROW(check_augmentation({.crop = crop, .brightness = share, .colour = share}, camera));
}

}  // namespace
}  // namespace understudy
