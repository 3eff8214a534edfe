#include <epoxy/gl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "datasets/types/error.h"
#include "envs/rendering/offscreen.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"

using namespace understudy;
using namespace understudy::tests;

TEST_CASE("more samples a pixel soften a slanted edge") {
  Scene scene = lone(shape(ShapeKind::kBox, {1, 0.1F, 1}, {0, 0, 0}, kRed));
  scene.shapes[0].local.linear() = Eigen::AngleAxisf(0.3F, Eigen::Vector3f::UnitY()).toRotationMatrix();
  const auto between = [&](int samples) {
    OffscreenRenderer renderer({.width = 200, .height = 200, .samples = samples, .renderer = {}});
    const Image image = renderer.render(scene, from_front(8, 0.5F));
    const int sky = image.pixel(5, 100)[1];
    const int box = image.pixel(100, 100)[1];
    return find(image, [&](const std::uint8_t* rgb) { return rgb[1] > box + 25 && rgb[1] < sky - 60; }).count;
  };
  CHECK(between(1) == 0);
  CHECK(between(4) > 100);
}

TEST_CASE("an overlay draws over the scene") {
  OffscreenRenderer renderer({.width = 64, .height = 48, .samples = 1, .renderer = {}});
  const Scene scene = lone(shape(ShapeKind::kBox, {1, 1, 1}, {0, 0, 0}, kRed));
  const Image image = renderer.render(scene, from_front(5, 0.5F), [] {
    glEnable(GL_SCISSOR_TEST);
    glScissor(0, 0, 64, 12);  // OpenGL counts rows from the bottom
    glClearColor(0, 1, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
  });
  CHECK(image.width == 64);
  CHECK(image.height == 48);
  CHECK(image.pixel(32, 36)[1] == 255);
  CHECK(image.pixel(32, 47)[0] == 0);
  CHECK(is_red(image.pixel(32, 35)));
  // What the overlay left switched on does not reach the next picture.
  CHECK(is_red(renderer.render(scene, from_front(5, 0.5F)).pixel(32, 40)));
}

TEST_CASE("a picture size that the driver cannot draw is refused with its limit") {
  CHECK_THROWS_WITH(OffscreenRenderer({.width = 0, .height = 10, .samples = 1, .renderer = {}}),
                    ContainsSubstring("found 0 x 10"));
  CHECK_THROWS_WITH(OffscreenRenderer({.width = 10, .height = 1000000, .samples = 1, .renderer = {}}),
                    ContainsSubstring("1000000"));
  CHECK_THROWS_WITH(
      OffscreenRenderer({.width = 10, .height = 10, .samples = 1, .renderer = {.shadow_size = -1}}),
      ContainsSubstring("shadow map"));
}

// EGL is set up once a process, so that the test runs itself again in one where there is no driver.
TEST_CASE("without an EGL driver the message names the packages to install") {
  if (std::getenv("UNDERSTUDY_TEST_WITHOUT_EGL") != nullptr) {
    CHECK_THROWS_AS(OffscreenRenderer(), Error);
    CHECK_THROWS_WITH(OffscreenRenderer(),
                      ContainsSubstring("libegl1") && ContainsSubstring("libgl1-mesa-dri"));
    return;
  }
  std::array<char, 4096> self{};
  REQUIRE(readlink("/proc/self/exe", self.data(), self.size() - 1) > 0);
  const std::string command =
      std::string("UNDERSTUDY_TEST_WITHOUT_EGL=1 __EGL_VENDOR_LIBRARY_FILENAMES=/dev/null '") + self.data() +
      "' 'without an EGL driver*' > /dev/null";
  const int status = std::system(command.c_str());
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
