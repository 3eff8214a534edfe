#include "capture/view/window.h"

#include <SDL.h>
#include <epoxy/gl.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/gl_objects.h"
#include "envs/rendering/image.h"
#include "envs/rendering/renderer.h"
#include "envs/rendering/software_renderer.h"

namespace understudy {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kShortestFrame = std::chrono::milliseconds(15);  // where nothing waits for the display
constexpr auto kIdleRedraw = std::chrono::milliseconds(100);    // the window may have been uncovered
constexpr int kSamples = 4;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// SDL's video subsystem; SDL counts its users.
class VideoSubsystem {
 public:
  explicit VideoSubsystem(const std::string& remedy) {
    // Ctrl-C belongs to the program.
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    const bool asked = std::getenv("SDL_VIDEODRIVER") != nullptr;
    const bool unset = std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr;
    // Left to itself SDL would try every display there could be, complain on stderr, and at last draw where
    // nobody looks.
    if (!asked && unset) {
      SDL_SetHint(SDL_HINT_VIDEODRIVER,
                  std::getenv("XDG_RUNTIME_DIR") != nullptr ? "wayland,kmsdrm" : "kmsdrm");
    }
    const bool started = SDL_InitSubSystem(SDL_INIT_VIDEO) == 0;
    if (!asked && unset) SDL_SetHint(SDL_HINT_VIDEODRIVER, nullptr);
    const char* const driver = started ? SDL_GetCurrentVideoDriver() : nullptr;
    const bool unseen = driver != nullptr && std::string(driver) == "offscreen" && !asked;
    if (started && !unseen) return;
    const std::string finding = asked     ? SDL_GetError()
                                : unset   ? "neither DISPLAY nor WAYLAND_DISPLAY is set"
                                : started ? "SDL finds none it can use"
                                          : SDL_GetError();
    if (started) SDL_QuitSubSystem(SDL_INIT_VIDEO);
    throw Error("no display to open a window on: " + finding + "; " + remedy +
                ", or run under xvfb-run (package xvfb)");
  }
  ~VideoSubsystem() { SDL_QuitSubSystem(SDL_INIT_VIDEO); }
  VideoSubsystem(const VideoSubsystem&) = delete;
  VideoSubsystem& operator=(const VideoSubsystem&) = delete;
};

struct CloseWindow {
  void operator()(SDL_Window* window) const { SDL_DestroyWindow(window); }
};
struct CloseContext {
  void operator()(void* context) const { SDL_GL_DeleteContext(context); }
};

std::string no_opengl(const std::string& finding, const std::string& remedy) {
  const char* driver = SDL_GetCurrentVideoDriver();
  return "no window with OpenGL 3.3 on SDL's video driver '" + std::string(driver ? driver : "none") +
         "': " + finding +
         "; install libgl1-mesa-dri or update the graphics driver, set LIBGL_ALWAYS_SOFTWARE=1 to draw on "
         "the CPU, or " +
         remedy;
}

std::unique_ptr<SDL_Window, CloseWindow> open_window(const WindowOptions& options) {
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
  SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 24);
  std::unique_ptr<SDL_Window, CloseWindow> window(
      SDL_CreateWindow(options.title.c_str(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, options.width,
                       options.height, SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
  if (!window) throw Error(no_opengl(SDL_GetError(), options.remedy));
  return window;
}

/// What the control loop hands to the render thread. Geometry changes once an episode, poses every step.
struct Submission {
  std::shared_ptr<const Scene> geometry;  // its poses are not used
  std::vector<Eigen::Isometry3f> poses;
  HudState hud;
  int camera = 0;
  int width = 0;  // of the framebuffer, pixels
  int height = 0;
};

/// Everything that lives in the render thread's OpenGL context.
class Painter {
 public:
  Painter() : on_cpu_(draws_on_cpu()), renderer_(fluent_options()) {}

  void draw(const Submission& next, double seconds) {
    if (next.geometry != geometry_) {
      geometry_ = next.geometry;
      scene_ = *geometry_;
    }
    scene_.poses = next.poses;
    const auto cameras = static_cast<int>(scene_.cameras.size());
    const CameraView view =
        resolve_camera(scene_, cameras > 0 ? next.camera % cameras : next.camera, motion_, seconds);
    // Smooth edges cost a graphics card nothing, the CPU half its time.
    const bool smooth = !on_cpu_;
    if (smooth && (width_ != next.width || height_ != next.height)) {
      buffer_.emplace(next.width, next.height, kSamples);
      width_ = next.width;
      height_ = next.height;
    }
    const unsigned framebuffer = smooth ? buffer_->framebuffer() : 0;
    renderer_.draw(scene_, view, {.framebuffer = framebuffer, .width = next.width, .height = next.height});
    if (smooth) buffer_->copy_to(0);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    hud_.draw(next.hud, next.width, next.height);
  }

  static Image read(int width, int height) {
    Image image{.width = width, .height = height, .rgb = {}};
    image.rgb.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
    read_pixels(width, height, image.rgb.data());
    return image;
  }

 private:
  bool on_cpu_;
  Renderer renderer_;
  Hud hud_;
  std::optional<GlPictureBuffer> buffer_;
  int width_ = 0;
  int height_ = 0;
  std::shared_ptr<const Scene> geometry_;
  Scene scene_;
  CameraMotion motion_;
};

bool same_geometry(const Scene* known, const Scene& scene) {
  return known != nullptr && known->revision == scene.revision &&
         known->shapes.size() == scene.shapes.size() && known->meshes.size() == scene.meshes.size();
}

/// The key's letter, and in layouts of other scripts that at its place on a US keyboard.
SDL_Keycode latin_key(const SDL_Keysym& key) {
  constexpr SDL_Keycode kFirstForeign = 0x80;
  const bool foreign = key.sym >= kFirstForeign && (key.sym & SDLK_SCANCODE_MASK) == 0;
  return foreign ? SDL_GetKeyFromName(SDL_GetScancodeName(key.scancode)) : key.sym;
}

WindowKey key_of(const SDL_Event& event) {
  if (event.type == SDL_QUIT) return WindowKey::kClose;
  if (event.type != SDL_KEYDOWN) return WindowKey::kNone;
  switch (latin_key(event.key.keysym)) {
    case SDLK_ESCAPE:
    case SDLK_q:
      return WindowKey::kEscape;
    case SDLK_SPACE:
      return WindowKey::kSpace;
    case SDLK_LEFT:
      return WindowKey::kLeft;
    case SDLK_RIGHT:
      return WindowKey::kRight;
    case SDLK_HOME:
      return WindowKey::kHome;
    case SDLK_END:
      return WindowKey::kEnd;
    case SDLK_c:
      return WindowKey::kCamera;
    case SDLK_F12:
      return WindowKey::kScreenshot;
    default:
      return WindowKey::kNone;
  }
}

}  // namespace

struct Window::Parts {
  explicit Parts(const WindowOptions& options);
  ~Parts();
  void run();
  void paint();
  void save(const std::filesystem::path& path, const Submission& frame);

  std::string remedy;
  VideoSubsystem video;
  std::unique_ptr<SDL_Window, CloseWindow> window;
  std::unique_ptr<void, CloseContext> context;

  mutable std::mutex mutex;  // guards all below
  std::condition_variable changed;
  Submission next;
  long submitted = 0;
  long drawn = 0;
  double rate = 0;
  bool stop = false;
  std::optional<std::filesystem::path> screenshot;
  std::optional<std::string> screenshot_result;
  std::exception_ptr failure;

  std::thread thread;  // last: it uses the rest
};

Window::Parts::Parts(const WindowOptions& options)
    : remedy(options.remedy), video(remedy), window(open_window(options)) {
  prepare_software_renderer();
  context.reset(SDL_GL_CreateContext(window.get()));
  if (!context) throw Error(no_opengl(SDL_GetError(), remedy));
  if (epoxy_gl_version() < 33)
    throw Error(no_opengl("found OpenGL " + std::to_string(epoxy_gl_version() / 10) + "." +
                              std::to_string(epoxy_gl_version() % 10),
                          remedy));

  SDL_GL_MakeCurrent(window.get(), nullptr);
  thread = start_thread("drawing the window", [this] {
    run();
    SDL_TLSCleanup();
  });
}

Window::Parts::~Parts() {
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  changed.notify_all();
  if (thread.joinable()) thread.join();
}

void Window::Parts::run() {
  try {
    if (SDL_GL_MakeCurrent(window.get(), context.get()) != 0) throw Error(no_opengl(SDL_GetError(), remedy));
    SDL_GL_SetSwapInterval(1);  // where the driver cannot, the pause in paint() stands in
    paint();
  } catch (...) {
    const std::lock_guard lock(mutex);
    failure = std::current_exception();
  }
  SDL_GL_MakeCurrent(window.get(), nullptr);
}

void Window::Parts::paint() {
  Painter painter;
  Submission frame;
  long seen = 0;
  Clock::time_point last = Clock::now();
  Clock::time_point counted_since = last;
  int counted = 0;
  while (true) {
    std::optional<std::filesystem::path> shot;
    {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, kIdleRedraw, [&] { return stop || submitted != seen; });
      if (stop) return;
      if (submitted == 0) continue;
      seen = submitted;
      frame = next;
      shot = std::exchange(screenshot, std::nullopt);
    }
    const Clock::time_point now = Clock::now();
    painter.draw(frame, seconds_between(last, now));
    last = now;
    if (shot) save(*shot, frame);
    SDL_GL_SwapWindow(window.get());
    ++counted;
    const double span = seconds_between(counted_since, Clock::now());
    {
      const std::lock_guard lock(mutex);
      ++drawn;
      if (span >= 1 || rate == 0) rate = counted / span;
    }
    if (span >= 1) {
      counted_since = Clock::now();
      counted = 0;
    }
    std::this_thread::sleep_until(now + kShortestFrame);
  }
}

void Window::Parts::save(const std::filesystem::path& path, const Submission& frame) {
  std::string result;
  try {
    write_png(path, Painter::read(frame.width, frame.height));
  } catch (const Error& error) {
    result = error.what();  // a full disk is no reason to stop the session
  }
  const std::lock_guard lock(mutex);
  screenshot_result = result;
}

Window::Window(const WindowOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Window::~Window() = default;

void Window::submit(const Scene& scene, const HudState& hud) {
  Parts& p = *parts_;
  int width = 0;
  int height = 0;
  SDL_GL_GetDrawableSize(p.window.get(), &width, &height);
  // The render thread never changes `geometry`, so it may be read here without the lock.
  std::shared_ptr<const Scene> geometry = p.next.geometry;
  if (!same_geometry(geometry.get(), scene)) geometry = std::make_shared<const Scene>(scene);
  {
    const std::lock_guard lock(p.mutex);
    if (p.failure) std::rethrow_exception(p.failure);
    p.next.geometry = std::move(geometry);
    p.next.poses = scene.poses;
    p.next.hud = hud;
    p.next.width = width;
    p.next.height = height;
    ++p.submitted;
  }
  p.changed.notify_one();
}

void Window::next_camera() {
  const std::lock_guard lock(parts_->mutex);
  ++parts_->next.camera;
}

void Window::set_camera(int camera) {
  const std::lock_guard lock(parts_->mutex);
  parts_->next.camera = camera;
}

void Window::request_screenshot(const std::filesystem::path& path) {
  const std::lock_guard lock(parts_->mutex);
  parts_->screenshot = path;
}

std::optional<std::string> Window::screenshot_result() {
  const std::lock_guard lock(parts_->mutex);
  return std::exchange(parts_->screenshot_result, std::nullopt);
}

double Window::frame_rate() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->rate;
}

long Window::frames_drawn() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->drawn;
}

WindowKey Window::poll_key() {
  SDL_Event event;
  while (SDL_PollEvent(&event) != 0) {
    const WindowKey key = key_of(event);
    if (key != WindowKey::kNone) return key;
  }
  return WindowKey::kNone;
}

}  // namespace understudy
