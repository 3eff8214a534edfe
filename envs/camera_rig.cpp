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
constexpr int kSmallPicture = 128;    // pixels along the longer side
constexpr int kOversampled = 256;     // pixels along the longer side: up to here by hand, then by OpenGL
constexpr int kOversampling = 2;      // samples along each side of a pixel

/// Nothing finer than the picture shows: it only costs time. The same on every driver.
RendererOptions renderer_options(int side) {
  int texels = kSmallestShadow;
  while (texels < kLargestShadow && texels < side) texels *= 2;
  return {.shadow_size = texels, .soft_shadows = false, .segments = side <= kSmallPicture ? 24 : 32};
}

/// Means of squares of 2 x 2 pixels, and the rows turned over: `rgba` [2 height, 2 width, 4] from the bottom up
/// becomes `image` from the top down. Drawn on the CPU, four samples of this kind
/// take three fifths of the time of OpenGL's multisampling at 84 x 84, and a seventh more at 640 x 480.
void shrink(const std::vector<std::uint8_t>& rgba, Image& image) {
  const auto width = static_cast<std::size_t>(image.width);
  const auto height = static_cast<std::size_t>(image.height);
  const std::size_t pitch = width * kOversampling * 4;
  for (std::size_t row = 0; row < height; ++row) {
    const std::uint8_t* below = rgba.data() + (height - 1 - row) * kOversampling * pitch;
    const std::uint8_t* above = below + pitch;
    std::uint8_t* out = image.rgb.data() + row * width * 3;
    for (std::size_t column = 0; column < width; ++column, below += 8, above += 8, out += 3) {
      for (std::size_t c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>((below[c] + below[c + 4] + above[c] + above[c + 4] + 2) / 4);
      }
    }
  }
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

/// What cameras of one size share. A picture does not depend on which other cameras there are.
struct Film {
  Film(int film_width, int film_height, const CameraRigOptions& options)
      : width(film_width),
        height(film_height),
        oversampling(options.smooth && std::max(width, height) <= kOversampled ? kOversampling : 1),
        colour(width * oversampling, height * oversampling, options.smooth && oversampling == 1 ? 4 : 1),
        renderer(renderer_options(std::max(width, height))) {
    if (options.depth || options.segmentation) sensors.emplace(width, height);
  }
  int width;
  int height;
  int oversampling;
  GlPictureBuffer colour;
  Renderer renderer;
  std::vector<std::uint8_t> samples;
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
    const int oversampling = film.oversampling;
    film.renderer.draw(scene, view,
                       {.framebuffer = film.colour.framebuffer(),
                        .width = film.width * oversampling,
                        .height = film.height * oversampling});
    if (oversampling > 1) {
      film.samples.resize(shot.colour.rgb.size() / 3 * 4 * kOversampling * kOversampling);
      film.colour.read_rgba(film.samples.data());
      shrink(film.samples, shot.colour);
    } else {
      film.colour.read(shot.colour.rgb.data());
    }
    if (!film.sensors) return;
    film.renderer.draw_sensors(
        scene, view,
        {.framebuffer = film.sensors->framebuffer(), .width = film.width, .height = film.height});
    if (options.depth) film.sensors->read_depth(shot.depth.data());
    if (options.segmentation) film.sensors->read_segmentation(shot.segmentation.data());
  }

  CameraRigOptions options;
  EglContext context;  // current from its construction on; destroyed after what was made in it
  std::string driver;
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
