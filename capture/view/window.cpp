#include "capture/view/window.h"

#include <SDL.h>
#include <epoxy/gl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "capture/view/painter.h"
#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"
#include "envs/rendering/software_renderer.h"

namespace understudy {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kShortestFrame = std::chrono::milliseconds(15);  // where nothing waits for the display
constexpr float kSteep = 0.8F;        // sine of the angle at which a camera looks down from above
constexpr int kSmallestHeight = 720;  // screen units, where the display has them
constexpr auto kIdleRedraw = std::chrono::milliseconds(100);  // the window may have been uncovered

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

/// What was asked for, or two thirds of the display: of a small one as much as there is.
SDL_Point window_size(const WindowOptions& options) {
  if (options.width > 0 && options.height > 0) return {options.width, options.height};
  SDL_Rect display{0, 0, 1280, 720};
  SDL_GetDisplayUsableBounds(0, &display);
  const int height = std::max(kSmallestHeight, std::min(display.h, display.w * 9 / 16) * 2 / 3);
  return {std::min(height * 16 / 9, display.w), std::min(height, display.h)};
}

std::unique_ptr<SDL_Window, CloseWindow> open_window(const WindowOptions& options) {
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
  SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 24);
  const SDL_Point size = window_size(options);
  std::unique_ptr<SDL_Window, CloseWindow> window(
      SDL_CreateWindow(options.title.c_str(), SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, size.x, size.y,
                       SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI));
  if (!window) throw Error(no_opengl(SDL_GetError(), options.remedy));
  return window;
}

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
    case SDLK_n:
    case SDLK_PAGEDOWN:
      return WindowKey::kNext;
    case SDLK_p:
    case SDLK_PAGEUP:
      return WindowKey::kPrevious;
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
  static int SDLCALL watch(void* parts, SDL_Event* event);
  void mouse(const SDL_Event& event);
  void run();
  void paint();
  void save(const std::filesystem::path& path, const Submission& frame);
  int inset_camera(const Scene& scene) const;

  std::string remedy;
  bool aids;
  float scale;
  VideoSubsystem video;
  std::unique_ptr<SDL_Window, CloseWindow> window;
  std::unique_ptr<void, CloseContext> context;

  mutable std::mutex mutex;  // guards all below
  std::condition_variable changed;
  Submission next;
  int inset_steps = 0;  // how often the operator asked for the next second picture
  long submitted = 0;
  long drawn = 0;
  double rate = 0;
  double drawing_seconds = 0;
  bool stop = false;
  std::optional<std::filesystem::path> screenshot;
  std::optional<std::string> screenshot_result;
  std::exception_ptr failure;

  std::thread thread;  // last: it uses the rest
};

Window::Parts::Parts(const WindowOptions& options)
    : remedy(options.remedy),
      aids(options.aids),
      scale(options.scale),
      video(remedy),
      window(open_window(options)) {
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
  // Whoever takes SDL's events, the mouse in this window is the camera's.
  SDL_AddEventWatch(&Parts::watch, this);
}

Window::Parts::~Parts() {
  SDL_DelEventWatch(&Parts::watch, this);
  {
    const std::lock_guard lock(mutex);
    stop = true;
  }
  changed.notify_all();
  if (thread.joinable()) thread.join();
}

int Window::Parts::watch(void* parts, SDL_Event* event) {
  static_cast<Parts*>(parts)->mouse(*event);
  return 0;
}

void Window::Parts::mouse(const SDL_Event& event) {
  const Uint32 id = SDL_GetWindowID(window.get());
  if (event.type == SDL_MOUSEMOTION && event.motion.windowID == id && event.motion.state != 0) {
    int width = 0, height = 0;
    SDL_GetWindowSize(window.get(), &width, &height);
    const std::lock_guard lock(mutex);
    next.orbit = dragged(next.orbit, static_cast<float>(event.motion.xrel),
                         static_cast<float>(event.motion.yrel), static_cast<float>(std::max(height, 1)));
  } else if (event.type == SDL_MOUSEWHEEL && event.wheel.windowID == id) {
    const std::lock_guard lock(mutex);
    next.orbit = zoomed(next.orbit, event.wheel.preciseY);
  } else if (event.type == SDL_MOUSEBUTTONDOWN && event.button.windowID == id && event.button.clicks == 2) {
    const std::lock_guard lock(mutex);
    next.orbit = {};
  }
}

/// Of the second picture: at first the one that shows what the first hides, then in turn the others and none.
int Window::Parts::inset_camera(const Scene& scene) const {
  const auto cameras = static_cast<int>(scene.cameras.size());
  int best = cameras;  // none
  const std::string top = "top";
  const Eigen::Vector3f down =
      scene.cameras.empty() ? Eigen::Vector3f(Eigen::Vector3f::Zero())
                            : Eigen::Vector3f(scene.cameras.front().eye - scene.cameras.front().target);
  const bool steep = down.z() > kSteep * down.norm();           // the first is one from above itself
  const std::string side = scene.handle.z >= 0 ? "side" : top;  // shows how high the hand is
  for (const std::string& name : {std::string("wrist"), std::string("pad"), side, top}) {
    for (int i = cameras - 1; i >= 0 && best == cameras; --i) {
      if (scene.cameras[static_cast<std::size_t>(i)].name == name && !(steep && name == top)) best = i;
    }
  }
  const int camera = (best + inset_steps) % (cameras + 1);
  return camera == cameras ? -1 : camera;
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
  Painter painter(aids, scale);
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
    glFinish();
    const double drawing = seconds_between(now, Clock::now());
    if (shot) save(*shot, frame);
    SDL_GL_SwapWindow(window.get());
    ++counted;
    const double span = seconds_between(counted_since, Clock::now());
    {
      const std::lock_guard lock(mutex);
      ++drawn;
      drawing_seconds += drawing;
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
    p.next.contacts = scene.contacts;
    p.next.hud = hud;
    if (hud.figures.empty()) p.next.hud.figures = scene.figures;
    p.next.inset = p.inset_camera(scene);
    p.next.width = width;
    p.next.height = height;
    ++p.submitted;
  }
  p.changed.notify_one();
}

void Window::next_camera() {
  const std::lock_guard lock(parts_->mutex);
  ++parts_->next.camera;
  parts_->next.orbit = {};
}

void Window::set_camera(int camera) {
  const std::lock_guard lock(parts_->mutex);
  parts_->next.camera = camera;
  parts_->next.orbit = {};
}

void Window::next_inset() {
  const std::lock_guard lock(parts_->mutex);
  ++parts_->inset_steps;
}

void Window::show_path(std::vector<Eigen::Vector3f> path) {
  auto shared = std::make_shared<const std::vector<Eigen::Vector3f>>(std::move(path));
  const std::lock_guard lock(parts_->mutex);
  parts_->next.path = std::move(shared);
}

double Window::heading(const Scene& scene) const {
  int camera = 0;
  Orbit orbit;
  {
    const std::lock_guard lock(parts_->mutex);
    camera = parts_->next.camera;
    orbit = parts_->next.orbit;
  }
  if (scene.cameras.empty()) return 0;
  CameraMotion still;
  return away_heading(
      orbited(resolve_camera(scene, camera % static_cast<int>(scene.cameras.size()), still, 0), orbit));
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

double Window::seconds_drawing() const {
  const std::lock_guard lock(parts_->mutex);
  return parts_->drawing_seconds;
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
