#include "capture/view/painter.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

using Eigen::Vector3f;

constexpr int kSamples = 4;
constexpr int kInsetShare = 4;         // of the window's width and height
constexpr int kMarginShare = 45;       // of its height
constexpr float kCueRadius = 0.0022F;  // of the distance from the eye
constexpr float kCueRing = 0.012F;
const Vector3f kCueColour{0.95F, 0.75F, 0.05F};

}  // namespace

Painter::Painter(bool aids, float scale)
    : aids_(aids), on_cpu_(draws_on_cpu()), renderer_(fluent_options()), hud_(scale) {}

void Painter::take_up(const Submission& next) {
  if (next.geometry != geometry_) {
    geometry_ = next.geometry;
    scene_ = *geometry_;
    cue_ = 0;
    if (aids_ && scene_.handle.body >= 0 && scene_.handle.ground) {
      // A pole from the hand down to the ground and a disc where it stands.
      cue_ = scene_.shapes.size();
      for (int i = 0; i < 2; ++i) {
        SceneShape shape;
        shape.kind = ShapeKind::kCylinder;
        shape.colour = kCueColour;
        shape.opacity = 0.6F;
        scene_.shapes.push_back(shape);
      }
    }
  }
  scene_.poses = next.poses;
  scene_.contacts = next.contacts;
}

void Painter::place_depth_cue(const Vector3f& eye) {
  if (cue_ == 0) return;
  const Vector3f top = handle_place(scene_);
  const float ground = *scene_.handle.ground;
  const float distance = (top - eye).norm();
  const float half = std::max(0.0F, top.z() - ground) / 2;
  SceneShape& pole = scene_.shapes[cue_];
  pole.size = {kCueRadius * distance, kCueRadius * distance, std::max(half, 1e-4F)};
  pole.local = Eigen::Translation3f(top.x(), top.y(), ground + half);
  SceneShape& disc = scene_.shapes[cue_ + 1];
  disc.size = {kCueRing * distance, kCueRing * distance, 0.0005F * distance};
  disc.local = Eigen::Translation3f(top.x(), top.y(), ground + disc.size.z());
}

void Painter::draw_picture(const CameraView& view, int width, int height) {
  // Smooth edges cost a graphics card nothing, the CPU half its time.
  const bool smooth = !on_cpu_;
  if (smooth && (!buffer_ || width_ != width || height_ != height)) {
    buffer_.emplace(width, height, kSamples);
    width_ = width;
    height_ = height;
  }
  renderer_.draw(scene_, view,
                 {.framebuffer = smooth ? buffer_->framebuffer() : 0, .width = width, .height = height});
  if (smooth) buffer_->copy_to(0);
}

void Painter::draw_inset(const Submission& next, const CameraView& main, double seconds,
                         const Eigen::Vector2i& corner, int up, HudMarks& marks) {
  if (next.inset < 0 || next.inset >= static_cast<int>(scene_.cameras.size())) return;
  const int across = up * next.width / next.height, margin = next.height / kMarginShare;
  if (across < 16 || up < 16) return;
  // Small enough to do without shadows.
  if (!inset_renderer_) inset_renderer_.emplace(RendererOptions{.shadow_size = 0, .segments = 16});
  if (!inset_buffer_ || inset_width_ != across || inset_height_ != up) {
    inset_buffer_.emplace(across, up, on_cpu_ ? 1 : kSamples);
    inset_width_ = across;
    inset_height_ = up;
    inset_camera_ = -1;
  }
  const SceneCamera& camera = scene_.cameras[static_cast<std::size_t>(next.inset)];
  const CameraView view = resolve_camera(scene_, next.inset, inset_motion_, seconds);
  // The CPU draws it every other time.
  inset_turn_ = !inset_turn_;
  if (!on_cpu_ || inset_turn_ || inset_camera_ != next.inset || inset_geometry_ != geometry_) {
    place_depth_cue(view.eye);
    inset_renderer_->draw(scene_, view,
                          {.framebuffer = inset_buffer_->framebuffer(), .width = across, .height = up});
    place_depth_cue(main.eye);
    inset_camera_ = next.inset;
    inset_geometry_ = geometry_;
  }
  const int left = corner.x() - across - margin;
  inset_buffer_->copy_to(0, left, corner.y());
  marks.inset_corner = {static_cast<float>(left), static_cast<float>(next.height - up - corner.y())};
  marks.inset_size = {static_cast<float>(across), static_cast<float>(up)};
  marks.inset_name = camera.name;
  if (scene_.handle.body >= 0 && camera.body == 0) {
    if (const auto at = picture_place(view, across, up, handle_place(scene_)))
      marks.inset_handle = marks.inset_corner + *at;
  }
}

void Painter::draw(const Submission& next, double seconds) {
  take_up(next);
  const auto cameras = static_cast<int>(scene_.cameras.size());
  const int camera = cameras > 0 ? next.camera % cameras : next.camera;
  const CameraView view = orbited(resolve_camera(scene_, camera, motion_, seconds), next.orbit);
  place_depth_cue(view.eye);
  // The help stands beside the picture, where it hides nothing.
  const Hud::Column help = hud_.help_column(next.hud, next.width, next.height);
  const int width = std::max(next.width - help.width, next.width / 2);
  draw_picture(view, width, next.height);
  HudMarks marks;
  if (aids_) {
    static const std::vector<Vector3f> kNone;
    marks = find_marks(scene_, view, width, next.height, next.path ? *next.path : kNone);
    // And so does the second picture where it fits under the help.
    const int margin = next.height / kMarginShare, usual = next.height / kInsetShare;
    const int room = std::min(next.height - help.bottom - 2 * margin, usual);
    const bool under = help.width > usual * next.width / next.height + 2 * margin && 2 * room > usual;
    // Where it does not, it keeps to the sky: what is near is below.
    const int bottom = under || help.width == 0 ? margin : next.height - next.height / 10 - margin - usual;
    if (next.inset != camera) {
      draw_inset(next, view, seconds, {under ? next.width : width, bottom}, under ? room : usual, marks);
    }
  }
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  glViewport(0, 0, next.width, next.height);
  hud_.draw(next.hud, next.width, next.height, marks);
}

Image Painter::read(int width, int height) {
  Image image{.width = width, .height = height, .rgb = {}};
  image.rgb.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
  read_pixels(width, height, image.rgb.data());
  return image;
}

}  // namespace understudy
