#pragma once
/// \file Pictures without a window or a display server, through EGL.

#include <functional>
#include <memory>
#include <string>

#include "envs/rendering/camera.h"
#include "envs/rendering/image.h"
#include "envs/rendering/renderer.h"

namespace understudy {

struct OffscreenOptions {
  int width = 1280;  ///< pixels
  int height = 720;  ///< pixels
  int samples = 4;   ///< per pixel, against jagged edges; lowered to what the driver offers; 0 or 1: none
  RendererOptions renderer{};
};

/// Draws into memory. Several may exist, also on different threads; one object is used by one thread at a
/// time, and its OpenGL context is current only inside its functions.
class OffscreenRenderer {
 public:
  /// Tries Mesa's surfaceless platform, then every EGL device, then the default display. Throws Error naming
  /// the packages to install when none of them gives an OpenGL 3.3 context.
  explicit OffscreenRenderer(const OffscreenOptions& options = {});
  ~OffscreenRenderer();
  OffscreenRenderer(const OffscreenRenderer&) = delete;
  OffscreenRenderer& operator=(const OffscreenRenderer&) = delete;

  /// `overlay`, if given, is called with the context current and the picture's framebuffer bound, after the
  /// scene was drawn: anything it draws with OpenGL lies on top. Throws like Renderer::draw.
  Image render(const Scene& scene, const CameraView& view, const std::function<void()>& overlay = {});

  /// Calls `work` with the context current, e.g. to create or destroy what an overlay draws with.
  void with_context(const std::function<void()>& work);

  /// The driver's own name, e.g. "llvmpipe (LLVM 15.0.6, 256 bits)".
  const std::string& driver() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
