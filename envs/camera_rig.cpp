#include "envs/camera_rig.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "datasets/error.h"
#include "envs/egl_context.h"
#include "envs/gl_objects.h"

namespace understudy {

namespace {

constexpr int kLargestSide = 4096;    // pixels
constexpr int kSmallestShadow = 256;  // texels a side
constexpr int kLargestShadow = 2048;  // the window's
constexpr int kTexelsPerPixel = 4;    // a shadow map covers about twice what the picture shows

/// A finer shadow map than the picture shows only costs time.
int shadow_size(const CameraRigOptions& options) {
  int side = 1;
  for (const RigCamera& camera : options.cameras) side = std::max({side, camera.width, camera.height});
  int texels = kSmallestShadow;
  while (texels < kLargestShadow && texels < kTexelsPerPixel * side) texels *= 2;
  return texels;
}

void check(const CameraRigOptions& options) {
  if (options.cameras.empty()) throw UsageError("camera rig: want at least one camera, found none");
  for (const RigCamera& camera : options.cameras) {
    const auto same = [&](const RigCamera& other) { return other.name == camera.name; };
    if (std::count_if(options.cameras.begin(), options.cameras.end(), same) > 1) {
      throw UsageError("camera rig: want each camera once, found '" + camera.name + "' twice");
    }
  }
}

/// Buffers that cameras of one size share.
struct Film {
  Film(int film_width, int film_height, const CameraRigOptions& options)
      : width(film_width), height(film_height), colour(width, height, options.samples) {
    if (options.depth || options.segmentation) sensors.emplace(width, height);
  }
  int width;
  int height;
  GlPictureBuffer colour;
  std::optional<GlSensorBuffer> sensors;
};

}  // namespace

void parse_picture_size(const std::string& text, int& width, int& height) {
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &rest) != 2 || width < 1 || height < 1 ||
      width > kLargestSide || height > kLargestSide) {
    throw UsageError("'" + text + "': want WIDTHxHEIGHT, each from 1 to " + std::to_string(kLargestSide) +
                     " pixels, e.g. 84x84");
  }
}

RigCamera parse_rig_camera(const std::string& text, int width, int height) {
  const std::size_t colon = text.find(':');
  RigCamera camera{.name = text.substr(0, colon), .width = width, .height = height};
  if (camera.name.empty()) {
    throw UsageError("camera '" + text + "': want NAME or NAME:WIDTHxHEIGHT, e.g. front:84x84");
  }
  if (colon != std::string::npos) parse_picture_size(text.substr(colon + 1), camera.width, camera.height);
  return camera;
}

struct CameraRig::Parts {
  explicit Parts(const CameraRigOptions& chosen) : options(chosen) {
    driver = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
    // The same picture whatever is fluent on this machine: no choice by driver.
    renderer.emplace(RendererOptions{.shadow_size = shadow_size(options), .soft_shadows = false});
    for (const RigCamera& camera : options.cameras) {
      const auto fits = [&](const auto& known) {
        return known->width == camera.width && known->height == camera.height;
      };
      auto film = std::find_if(films.begin(), films.end(), fits);
      if (film == films.end()) {
        film = films.insert(films.end(), std::make_unique<Film>(camera.width, camera.height, options));
      }
      film_of.push_back(film->get());
      CameraShot& shot = shots.emplace_back();
      const std::size_t pixels =
          static_cast<std::size_t>(camera.width) * static_cast<std::size_t>(camera.height);
      shot.colour = {.width = camera.width, .height = camera.height, .rgb = {}};
      shot.colour.rgb.resize(3 * pixels);
      if (options.depth) shot.depth.resize(pixels);
      if (options.segmentation) shot.segmentation.resize(pixels);
    }
  }
  ~Parts() { context.make_current(); }

  void shoot(const Scene& scene, std::size_t index) {
    Film& film = *film_of[index];
    CameraShot& shot = shots[index];
    CameraMotion none;
    const CameraView view = resolve_camera(scene, find_camera(scene, options.cameras[index].name), none, 0);
    const auto target = [&](unsigned framebuffer) {
      return RenderTarget{.framebuffer = framebuffer, .width = film.width, .height = film.height};
    };
    renderer->draw(scene, view, target(film.colour.framebuffer()));
    film.colour.read(shot.colour.rgb.data());
    if (!film.sensors) return;
    renderer->draw_sensors(scene, view, target(film.sensors->framebuffer()));
    if (options.depth) film.sensors->read_depth(shot.depth.data());
    if (options.segmentation) film.sensors->read_segmentation(shot.segmentation.data());
  }

  CameraRigOptions options;
  EglContext context;  // current from its construction on; destroyed after what was made in it
  std::string driver;
  std::optional<Renderer> renderer;
  std::vector<std::unique_ptr<Film>> films;
  std::vector<Film*> film_of;  // one per camera
  std::vector<CameraShot> shots;
};

CameraRig::CameraRig(const CameraRigOptions& options) {
  check(options);
  parts_ = std::make_unique<Parts>(options);
  parts_->context.release();
}
CameraRig::~CameraRig() = default;

const CameraRigOptions& CameraRig::options() const {
  return parts_->options;
}
const std::string& CameraRig::driver() const {
  return parts_->driver;
}

const std::vector<CameraShot>& CameraRig::shoot(const Scene& scene) {
  const CurrentContext current(parts_->context);
  for (std::size_t i = 0; i < parts_->shots.size(); ++i) parts_->shoot(scene, i);
  return parts_->shots;
}

}  // namespace understudy
