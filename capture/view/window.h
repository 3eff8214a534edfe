#pragma once
/// \file The operator's view of the task: a window drawn on a thread of its own.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/view/hud.h"
#include "envs/contract/scene.h"

namespace understudy {

struct WindowOptions {
  std::string title = "Understudy";
  int width = 0;    ///< screen units; 0: two thirds of the display, at least 1280 x 720 if it has them
  int height = 0;   ///< screen units; as `width`
  float scale = 0;  ///< of text and panels; see Hud
  /// Draw what helps who drives: axes at the hand, a pole from it to the ground, contacts, a second picture.
  bool aids = false;
  /// What the message says to do when no window can be opened.
  std::string remedy = "run with --headless";
};

/// Keys that `Window::poll_key` reports.
enum class WindowKey {
  kNone,
  kClose,
  kEscape,
  kSpace,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPrevious,
  kNext,
  kCamera,
  kScreenshot,
};

/// SDL2 window with an OpenGL 3.3 context that lives on a render thread, so that drawing never delays the
/// control loop. All functions are called from the thread that constructed it (SDL wants that thread to pump
/// the events too). A frame is drawn as soon as it is submitted, at most at the display's rate; of several
/// submitted meanwhile only the latest is drawn.
class Window {
 public:
  /// Throws Error when there is no display or no OpenGL 3.3.
  explicit Window(const WindowOptions& options = {});
  /// Stops the render thread and closes the window.
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  /// Shows `scene` from now on. Copies and returns at once: poses always, shapes and meshes only when
  /// `scene.revision` or the number of shapes or meshes changed. Rethrows what went wrong while drawing.
  void submit(const Scene& scene, const HudState& hud);

  /// Goes to the scene's next camera. The mouse turns (drag) and zooms (wheel) the present one; a double click or
  /// another camera undoes that.
  void next_camera();
  /// Goes to `scene.cameras[camera]`; taken modulo their number when drawing.
  void set_camera(int camera);

  /// Goes to the next camera for the second picture, at last to none.
  void next_inset();
  /// Draws this line from now on: where the hand went in the last demonstration [m].
  void show_path(std::vector<Eigen::Vector3f> path);
  /// away_heading() of the camera in use, mouse and all, for `scene` as it is.
  double heading(const Scene& scene) const;

  /// Saves the next frame that is drawn, HUD included, as a PNG file. Returns at once; see
  /// `screenshot_result`.
  void request_screenshot(const std::filesystem::path& path);
  /// Once after each requested screenshot: "" when the file is written, else why it is not.
  std::optional<std::string> screenshot_result();

  /// Frames drawn per second over the last second or so; 0 before the first.
  double frame_rate() const;
  /// Number of frames drawn since construction.
  long frames_drawn() const;
  /// s that they took to draw, without waiting for the display.
  double seconds_drawing() const;

  /// Pumps SDL's events and returns the next key press or the wish to close, kNone if there is none. For
  /// programs without an event pump of their own; all other events are dropped.
  WindowKey poll_key();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
