#include "envs/rendering/camera_rig.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "datasets/types/error.h"
#include "envs/rendering/dressed_scene.h"
#include "envs/rendering/egl_context.h"
#include "envs/rendering/film.h"
#include "envs/rendering/gl_objects.h"

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

/// Means of squares of 2 x 2 pixels, and the rows turned over: `rgba` [2 height, 2 width, 4] from the bottom
/// up becomes `image` from the top down. Drawn on the CPU, four samples of this kind
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

/// What one camera's pictures are drawn on, and by whom.
struct Film {
  Film(const RigCamera& camera, const CameraRigOptions& options, std::shared_ptr<Renderer> drawn_by)
      : width(camera.width),
        height(camera.height),
        oversampling(options.smooth && std::max(width, height) <= kOversampled ? kOversampling : 1),
        colour(width * oversampling, height * oversampling, options.smooth && oversampling == 1 ? 4 : 1),
        renderer(std::move(drawn_by)) {
    if (options.depth || options.segmentation) sensors.emplace(width, height);
  }

  void draw(const Scene& scene, const CameraView& view) {
    renderer->draw(scene, view,
                   {.framebuffer = colour.framebuffer(),
                    .width = width * oversampling,
                    .height = height * oversampling});
    if (!sensors) return;
    renderer->draw_sensors(scene, view,
                           {.framebuffer = sensors->framebuffer(), .width = width, .height = height});
  }

  void read(const CameraRigOptions& options, CameraShot& shot) {
    if (oversampling > 1) {
      samples.resize(shot.colour.rgb.size() / 3 * 4 * kOversampling * kOversampling);
      colour.read_rgba(samples.data());
      shrink(samples, shot.colour);
    } else {
      colour.read(shot.colour.rgb.data());
    }
    if (options.depth) sensors->read_depth(shot.depth.data());
    if (options.segmentation) sensors->read_segmentation(shot.segmentation.data());
  }

  int width;
  int height;
  int oversampling;
  GlPictureBuffer colour;
  std::optional<GlSensorBuffer> sensors;
  std::vector<std::uint8_t> samples;
  DressedScene dressed;
  std::shared_ptr<Renderer> renderer;  ///< of all cameras of this size: no picture depends on the others
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
      const auto same_size = std::find_if(films.begin(), films.end(), [&](const auto& film) {
        return film->width == camera.width && film->height == camera.height;
      });
      const auto renderer =
          same_size != films.end()
              ? (*same_size)->renderer
              : std::make_shared<Renderer>(renderer_options(std::max(camera.width, camera.height)));
      films.push_back(std::make_unique<Film>(camera, options, renderer));
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

  void shoot(const Scene& scene) {
    for (std::size_t i = 0; i < films.size(); ++i) {
      CameraMotion none;
      const int camera = find_camera(scene, options.cameras[i].name);
      const CameraView view = resolve_camera(scene, camera, none, 0);
      if (look) {
        films[i]->draw(films[i]->dressed.dress(scene, *look, camera), moved(view, *look));
      } else {
        films[i]->draw(scene, view);
      }
    }
    // Only now: while one picture is filled in on the driver's threads, the next is prepared on this one.
    for (std::size_t i = 0; i < films.size(); ++i) {
      films[i]->read(options, shots[i]);
      if (look) develop(*look, shots[i].colour);
    }
  }

  /// Cameras' scenes differ in a look, and a renderer holds one scene: each gets its own.
  void wear(const std::optional<Look>& wanted) {
    if (wanted && !look) {
      for (const auto& film : films)
        film->renderer = std::make_shared<Renderer>(renderer_options(std::max(film->width, film->height)));
    }
    look = wanted;
    for (const auto& film : films) {
      film->dressed.forget();
      film->renderer->wear(look ? &look->surface : nullptr);
    }
  }

  CameraRigOptions options;
  std::optional<Look> look;
  EglContext context;  // current from its construction on; destroyed after what was made in it
  std::string driver;
  std::vector<std::unique_ptr<Film>> films;  // one per camera
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

void CameraRig::wear(const std::optional<Look>& look) {
  const CurrentContext current(parts_->context);
  parts_->wear(look);
}

const std::vector<CameraShot>& CameraRig::shoot(const Scene& scene) {
  const CurrentContext current(parts_->context);
  parts_->shoot(scene);
  return parts_->shots;
}

}  // namespace understudy
