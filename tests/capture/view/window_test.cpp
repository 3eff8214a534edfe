#include <SDL.h>
#include <stb_image.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include "capture/view/window.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/scenes.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;

namespace {

/// An environment variable set (or, with nullptr, unset) for a while.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    if (value != nullptr) {
      setenv(name, value, 1);
    } else {
      unsetenv(name);
    }
  }
  ~Variable() {
    if (before_) {
      setenv(name_, before_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

Scene red_box() {
  Scene scene = lone(shape(ShapeKind::kBox, {1, 1, 1}, {0, 0, 0}, kRed));
  scene.cameras.push_back({"front", 0, {0, -5, 0}, {0, 0, 0}, 0.6F});
  scene.cameras.push_back({"away", 0, {0, -5, 0}, {0, -9, 0}, 0.6F});
  return scene;
}

/// Submits until `done`, at most for ten seconds.
template <typename Done>
bool show_until(Window& window, const Scene& scene, const HudState& hud, Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    window.submit(scene, hud);
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// What the window shows, by way of its screenshot.
Image shown(Window& window, const Scene& scene, const HudState& hud) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory / "shown.png";
  window.submit(scene, hud);
  window.request_screenshot(path);
  std::optional<std::string> result;
  REQUIRE(show_until(window, scene, hud, [&] { return (result = window.screenshot_result()).has_value(); }));
  REQUIRE(*result == "");
  Image image;
  int channels = 0;
  unsigned char* const bytes = stbi_load(path.c_str(), &image.width, &image.height, &channels, 3);
  REQUIRE(bytes != nullptr);
  image.rgb.assign(bytes, bytes + static_cast<std::ptrdiff_t>(image.width) * image.height * 3);
  stbi_image_free(bytes);
  return image;
}

}  // namespace

TEST_CASE("without a display the window says so and what to do") {
  const Variable display("DISPLAY", nullptr);
  const Variable wayland("WAYLAND_DISPLAY", nullptr);
  const Variable driver("SDL_VIDEODRIVER", nullptr);
  const Variable runtime("XDG_RUNTIME_DIR", "/nonexistent");
  CHECK_THROWS_WITH(Window(), ContainsSubstring("no display") && ContainsSubstring("DISPLAY") &&
                                  ContainsSubstring("--headless"));
}

TEST_CASE("a video driver without OpenGL is named") {
  const Variable driver("SDL_VIDEODRIVER", "dummy");
  CHECK_THROWS_WITH(Window(), ContainsSubstring("OpenGL 3.3") && ContainsSubstring("dummy"));
}

TEST_CASE("a window shows the scene, the HUD and the chosen camera") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 640, .height = 360});
  const Scene scene = red_box();
  const HudState hud{.task = "Test", .phase = "ready"};
  const Image front = shown(window, scene, hud);
  CHECK(front.width == 640);
  CHECK(front.height == 360);
  CHECK(is_red(front.pixel(320, 180)));
  CHECK(front.pixel(10, 15)[2] > 2 * front.pixel(10, 15)[0]);  // the blue badge
  window.next_camera();
  CHECK_FALSE(is_red(shown(window, scene, hud).pixel(320, 180)));
  window.next_camera();  // round to the first
  CHECK(is_red(shown(window, scene, hud).pixel(320, 180)));
  window.set_camera(1);
  CHECK_FALSE(is_red(shown(window, scene, hud).pixel(320, 180)));
}

TEST_CASE("a window follows poses at once and shapes with the revision") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 320, .height = 180});
  Scene scene = red_box();
  scene.poses.resize(2, Eigen::Isometry3f::Identity());
  scene.shapes[0].body = 1;
  CHECK(is_red(shown(window, scene, {}).pixel(160, 120)));
  scene.poses[1].translation().x() = 50;
  CHECK_FALSE(is_red(shown(window, scene, {}).pixel(160, 120)));
  scene.poses[1].translation().x() = 0;
  scene.shapes[0].colour = {0.02F, 0.6F, 0.02F};
  ++scene.revision;
  const Image green = shown(window, scene, {});
  CHECK(green.pixel(160, 120)[1] > 2 * green.pixel(160, 120)[0]);
}

TEST_CASE("the help stands beside the picture and hides nothing of it") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 1280, .height = 720});
  const Scene scene = red_box();
  HudState hud;
  const Region whole = find(shown(window, scene, hud), is_red);
  CHECK((whole.left + whole.right) / 2 == Approx(640).margin(2));
  hud.controls = {{"Left stick up / down", "forward / back"}, {"Y", "end and save as success"}};
  const Image image = shown(window, scene, hud);
  const Region beside = find(image, is_red);
  // As large as before, in the middle of what is left.
  CHECK(beside.height() == Approx(whole.height()).margin(2));
  CHECK(beside.width() == Approx(whole.width()).margin(2));
  CHECK(beside.left + beside.right < whole.left + whole.right - 200);
  hud.help_folded = true;
  CHECK(find(shown(window, scene, hud), is_red).left == whole.left);
}

TEST_CASE("the mouse turns and zooms the camera, and a double click or another camera undoes it") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 640, .height = 360});
  Scene scene = red_box();
  scene.shapes[0].size = {1, 0.1F, 1};  // a plate
  const int before = find(shown(window, scene, {}), is_red).width();
  CHECK(window.heading(scene) == Approx(std::acos(0.0)));
  Uint32 id = 1;
  while (id < 100 && SDL_GetWindowFromID(id) == nullptr) ++id;
  SDL_Event event{};
  event.type = SDL_MOUSEMOTION;
  event.motion.windowID = id;
  event.motion.state = SDL_BUTTON_LMASK;
  event.motion.xrel = 180;  // half the height: a quarter of a turn
  SDL_PushEvent(&event);
  CHECK(find(shown(window, scene, {}), is_red).width() < 0.3 * before);
  CHECK(window.heading(scene) == Approx(0).margin(1e-3));
  event = {};
  event.type = SDL_MOUSEBUTTONDOWN;
  event.button.windowID = id;
  event.button.clicks = 2;
  SDL_PushEvent(&event);
  CHECK(find(shown(window, scene, {}), is_red).width() == before);
  event = {};
  event.type = SDL_MOUSEWHEEL;
  event.wheel.windowID = id;
  event.wheel.preciseY = -5;
  SDL_PushEvent(&event);
  CHECK(find(shown(window, scene, {}), is_red).width() < 0.6 * before);
  window.set_camera(0);
  CHECK(find(shown(window, scene, {}), is_red).width() == before);
  // The pointer that only passes over does nothing, nor does another window's.
  event = {};
  event.type = SDL_MOUSEMOTION;
  event.motion.windowID = id;
  event.motion.xrel = 180;
  SDL_PushEvent(&event);
  event.motion.state = SDL_BUTTON_LMASK;
  event.motion.windowID = id + 1;
  SDL_PushEvent(&event);
  CHECK(find(shown(window, scene, {}), is_red).width() == before);
}

TEST_CASE("a second picture shows what another camera sees, for who drives, and can be put away") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 640, .height = 360, .aids = true});
  Scene scene = red_box();
  scene.shapes[0].size = {4, 0.1F, 4};  // fills the first picture
  scene.cameras[1].name = "top";        // looks away: nothing red
  const auto corner = [&] {
    const Image image = shown(window, scene, {});
    return is_red(image.pixel(640 - 8 - 80, 360 - 8 - 45));
  };
  CHECK_FALSE(corner());
  window.next_inset();  // none
  CHECK(corner());
  window.next_inset();  // the first camera's, which is what is shown already
  CHECK(corner());
  window.next_inset();
  CHECK_FALSE(corner());
}

TEST_CASE("a pole stands under the hand, and only for who drives") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Scene scene = red_box();
  scene.cameras.pop_back();
  scene.poses.resize(2, Eigen::Isometry3f::Identity());
  scene.poses[1].translation() = Eigen::Vector3f(0.8F, -1.5F, 1);
  scene.shapes[0].size = {0.1F, 0.1F, 0.1F};
  scene.handle = {.body = 1, .ground = -1.0F, .z = 0};
  const auto yellow = [](const std::uint8_t* rgb) { return rgb[0] > rgb[2] + 50 && rgb[1] > rgb[2] + 25; };
  const auto pole = [&](bool aids) {
    Window window({.title = "test", .width = 640, .height = 360, .aids = aids});
    return find(shown(window, scene, {}), yellow);
  };
  const Region standing = pole(true);
  CHECK(pole(false).count == 0);
  CHECK(standing.count > 50);
  CHECK(standing.left > 320);
  // 2 m at 3.5 m in a picture that shows 2 * 3.5 * tan(0.3) m.
  CHECK(standing.height() == Approx(2 * 360 / (2 * 3.5 * std::tan(0.3))).epsilon(0.15));
}

TEST_CASE("what goes wrong while drawing reaches the one who submits") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 320, .height = 180});
  Scene scene = red_box();
  scene.shapes[0].body = 7;
  CHECK_THROWS_WITH(show_until(window, scene, {}, [] { return false; }), ContainsSubstring("body 7"));
}

TEST_CASE("a screenshot that cannot be written says why and the window goes on") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 320, .height = 180});
  const Scene scene = red_box();
  window.request_screenshot("/no/such/folder/shot.png");
  std::optional<std::string> result;
  REQUIRE(show_until(window, scene, {}, [&] { return (result = window.screenshot_result()).has_value(); }));
  CHECK_THAT(*result, ContainsSubstring("/no/such/folder/shot.png"));
  const long drawn = window.frames_drawn();
  CHECK(show_until(window, scene, {}, [&] { return window.frames_drawn() > drawn + 2; }));
}

TEST_CASE("submitting does not wait for drawing") {
  const Variable driver("SDL_VIDEODRIVER", "offscreen");
  Window window({.title = "test", .width = 1280, .height = 720});
  const Scene scene = red_box();
  REQUIRE(show_until(window, scene, {}, [&] { return window.frames_drawn() > 0; }));
  const long before = window.frames_drawn();
  for (int i = 0; i < 2000; ++i) window.submit(scene, {});
  // Drawing is capped below 70 frames a second: had submit waited for it, this would have taken half a minute
  // and drawn every frame.
  CHECK(window.frames_drawn() - before < 1000);
}
