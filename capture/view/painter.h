#pragma once
/// \file Private to capture/view: everything that a window's render thread draws with.

#include <memory>
#include <optional>
#include <vector>

#include "capture/view/hud.h"
#include "capture/view/orbit.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/gl_objects.h"
#include "envs/rendering/image.h"
#include "envs/rendering/renderer.h"

namespace understudy {

/// What the control loop hands to the render thread. Geometry changes once an episode, the rest every step.
struct Submission {
  std::shared_ptr<const Scene> geometry;  ///< its poses are not used
  std::vector<Eigen::Isometry3f> poses;
  std::vector<Eigen::Vector3f> contacts;
  HudState hud;
  int camera = 0;
  Orbit orbit;
  int inset = -1;  ///< camera of the second picture; -1: there is none
  std::shared_ptr<const std::vector<Eigen::Vector3f>> path;  ///< of the last demonstration; may be null
  int width = 0;                                             ///< of the framebuffer, pixels
  int height = 0;
};

/// Lives in the render thread's OpenGL context.
class Painter {
 public:
  /// `aids`: mark what helps who drives (WindowOptions). `scale`: Hud's.
  Painter(bool aids, float scale);

  /// Draws into framebuffer 0, `seconds` after the last time.
  void draw(const Submission& next, double seconds);
  static Image read(int width, int height);

 private:
  void take_up(const Submission& next);
  void place_depth_cue(const Eigen::Vector3f& eye);
  void draw_picture(const CameraView& view, int width, int height);
  /// Draws the second picture, `up` pixels high, a margin to the left of corner.x() and from corner.y() pixels
  /// above the lower edge upwards.
  void draw_inset(const Submission& next, const CameraView& main, double seconds,
                  const Eigen::Vector2i& corner, int up, HudMarks& marks);

  bool aids_;
  bool on_cpu_;
  Renderer renderer_;
  Hud hud_;
  std::optional<GlPictureBuffer> buffer_;
  int width_ = 0;
  int height_ = 0;
  std::optional<Renderer> inset_renderer_;
  std::optional<GlPictureBuffer> inset_buffer_;
  int inset_width_ = 0;
  int inset_height_ = 0;
  CameraMotion inset_motion_;
  int inset_camera_ = -1;                        ///< that is in the buffer
  std::shared_ptr<const Scene> inset_geometry_;  ///< likewise
  bool inset_turn_ = false;
  std::shared_ptr<const Scene> geometry_;
  Scene scene_;
  CameraMotion motion_;
  std::size_t cue_ = 0;  ///< index of the depth cue's first shape; 0: there is none
};

}  // namespace understudy
