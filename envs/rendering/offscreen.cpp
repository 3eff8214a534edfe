#include "envs/rendering/offscreen.h"

#include <epoxy/gl.h>

#include <optional>

#include "envs/rendering/egl_context.h"
#include "envs/rendering/gl_objects.h"

namespace understudy {

struct OffscreenRenderer::Parts {
  explicit Parts(const OffscreenOptions& options) : width(options.width), height(options.height) {
    buffer.emplace(width, height, options.samples);
    renderer.emplace(options.renderer);
    driver = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  }
  ~Parts() { context.make_current(); }

  EglContext context;  // current from its construction on; destroyed last
  int width;
  int height;
  std::string driver;
  std::optional<GlPictureBuffer> buffer;
  std::optional<Renderer> renderer;
};

OffscreenRenderer::OffscreenRenderer(const OffscreenOptions& options)
    : parts_(std::make_unique<Parts>(options)) {
  parts_->context.release();
}
OffscreenRenderer::~OffscreenRenderer() = default;

Image OffscreenRenderer::render(const Scene& scene, const CameraView& view,
                                const std::function<void()>& overlay) {
  Image image{.width = parts_->width, .height = parts_->height, .rgb = {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  with_context([&] {
    const unsigned framebuffer = parts_->buffer->framebuffer();
    parts_->renderer->draw(scene, view,
                           {.framebuffer = framebuffer, .width = parts_->width, .height = parts_->height});
    if (overlay) overlay();
    parts_->buffer->read(image.rgb.data());
  });
  return image;
}

void OffscreenRenderer::with_context(const std::function<void()>& work) {
  const CurrentContext current(parts_->context);
  work();
}

const std::string& OffscreenRenderer::driver() const {
  return parts_->driver;
}

}  // namespace understudy
