#pragma once
/// \file Draws a Scene with OpenGL 3.3: sun with soft shadows, sky light, haze, translucency.

#include <cstdint>
#include <memory>

#include "envs/contract/scene.h"
#include "envs/rendering/camera.h"

namespace understudy {

struct SurfaceLook;

struct RendererOptions {
  int shadow_size = 2048;    ///< width and height of the shadow map, texels; 0: no shadows
  bool soft_shadows = true;  ///< blur the shadows' edges
  int segments = 32;         ///< sides that round shapes are drawn with
};

/// Unit vector towards the sun in the world frame, unless a scene has moved it.
Eigen::Vector3f sun_direction();

/// Whether the current context draws on the CPU (Mesa's llvmpipe or softpipe).
bool draws_on_cpu();

/// What the current context's driver can draw fluently at 1280 x 720: everything on a graphics card; no
/// soft shadows on the CPU, where they cost a third of the time.
RendererOptions fluent_options();

/// The framebuffer to draw into.
struct RenderTarget {
  unsigned framebuffer = 0;  ///< OpenGL name; 0 is the window
  int width = 0;             ///< pixels
  int height = 0;            ///< pixels
};

/// What draw_sensors writes where no surface is seen.
inline constexpr float kNoDepth = 0;
inline constexpr std::int16_t kNoBody = -1;

/// Draws one scene as it changes. Needs a current OpenGL 3.3 core context, always the same one, from
/// construction to destruction; not thread-safe. Meshes are uploaded when `Scene::revision` changes, so
/// different scenes need different Renderers or different revisions.
class Renderer {
 public:
  /// Throws Error when the current context is older than OpenGL 3.3 or a shader does not compile.
  explicit Renderer(const RendererOptions& options = {});
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// From the next draw on, surfaces and lights are these; null: as the scene says. Two lights cast shadows then.
  void wear(const SurfaceLook* look);

  /// Fills the whole target: opaque shapes, then translucent ones from far to near. Leaves the target bound.
  /// Throws Error when a shape names a body or mesh that is not there, or a mesh's arrays do not fit.
  void draw(const Scene& scene, const CameraView& view, const RenderTarget& target);

  /// Draws what a depth camera and a segmentation see into a GlSensorBuffer: the distance along the view [m]
  /// and the body of the nearest opaque surface at each pixel's centre; kNoDepth and kNoBody where there is
  /// none within the same near and far planes as draw's. Translucent shapes (markers, volumes) are left out.
  /// Throws like draw.
  void draw_sensors(const Scene& scene, const CameraView& view, const RenderTarget& target);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
