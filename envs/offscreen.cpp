#include "envs/offscreen.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <optional>
#include <utility>

#include "datasets/error.h"
#include "envs/gl_objects.h"

namespace understudy {

namespace {

[[noreturn]] void fail(const std::string& finding) {
  throw Error("no OpenGL 3.3 without a display: " + finding +
              "; install the packages libegl1 and libgl1-mesa-dri (apt-get install libegl1 libgl1-mesa-dri)");
}

/// Owns a display's initialisation and a context on it.
class Context {
 public:
  /// Throws Error naming the last failure when no display gives a context.
  Context() {
    // libepoxy ends the process when it is asked for EGL and there is none.
    if (!epoxy_has_egl()) fail("libEGL.so.1 is not installed");
    std::string finding = "EGL offers no display";
    for (const EGLDisplay candidate : displays()) {
      if (candidate != EGL_NO_DISPLAY && open(candidate, finding)) return;
    }
    fail(finding);
  }
  ~Context() {
    // The display is not terminated: EGL hands the same one to everybody in the process.
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display_, context_);
    if (surface_ != EGL_NO_SURFACE) eglDestroySurface(display_, surface_);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void make_current() const {
    if (eglMakeCurrent(display_, surface_, surface_, context_) == EGL_FALSE) {
      throw Error("EGL: cannot use the off-screen context on this thread (error " +
                  std::to_string(eglGetError()) + ")");
    }
  }
  void release() const { eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT); }

 private:
  static std::vector<EGLDisplay> displays() {
    std::vector<EGLDisplay> found;
    if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base")) {
      if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless")) {
        found.push_back(
            eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr));
      }
      if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_device") &&
          epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_enumeration")) {
        std::array<EGLDeviceEXT, 16> devices{};
        EGLint count = 0;
        eglQueryDevicesEXT(static_cast<EGLint>(devices.size()), devices.data(), &count);
        for (EGLint i = 0; i < count; ++i) {
          found.push_back(eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT,
                                                   devices[static_cast<std::size_t>(i)], nullptr));
        }
      }
    }
    found.push_back(eglGetDisplay(EGL_DEFAULT_DISPLAY));
    return found;
  }

  bool open(EGLDisplay display, std::string& finding) {
    if (eglInitialize(display, nullptr, nullptr) == EGL_FALSE || eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) {
      finding = "no EGL display starts up with OpenGL (no driver?)";
      return false;
    }
    const std::array<EGLint, 5> wanted{EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                       EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (eglChooseConfig(display, wanted.data(), &config, 1, &count) == EGL_FALSE || count < 1) {
      finding = "no EGL display offers OpenGL";
      return false;
    }
    const std::array<EGLint, 7> version{EGL_CONTEXT_MAJOR_VERSION,
                                        3,
                                        EGL_CONTEXT_MINOR_VERSION,
                                        3,
                                        EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                        EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                        EGL_NONE};
    EGLContext context = eglCreateContext(display, config, EGL_NO_CONTEXT, version.data());
    if (context == EGL_NO_CONTEXT) {
      finding = "the driver refuses an OpenGL 3.3 core context";
      return false;
    }
    EGLSurface surface = EGL_NO_SURFACE;
    if (!epoxy_has_egl_extension(display, "EGL_KHR_surfaceless_context")) {
      const std::array<EGLint, 5> size{EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};
      surface = eglCreatePbufferSurface(display, config, size.data());
    }
    if (eglMakeCurrent(display, surface, surface, context) == EGL_FALSE) {
      if (surface != EGL_NO_SURFACE) eglDestroySurface(display, surface);
      eglDestroyContext(display, context);
      finding = "the driver's OpenGL context cannot be used";
      return false;
    }
    display_ = display;
    context_ = context;
    surface_ = surface;
    return true;
  }

  EGLDisplay display_ = EGL_NO_DISPLAY;
  EGLContext context_ = EGL_NO_CONTEXT;
  EGLSurface surface_ = EGL_NO_SURFACE;
};

}  // namespace

struct OffscreenRenderer::Parts {
  explicit Parts(const OffscreenOptions& options) : width(options.width), height(options.height) {
    buffer.emplace(width, height, options.samples);
    renderer.emplace(options.renderer);
    driver = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  }
  ~Parts() { context.make_current(); }

  Context context;  // current from its construction on; destroyed last
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
  struct Current {
    explicit Current(const Context& owner) : context(owner) { context.make_current(); }
    ~Current() { context.release(); }
    const Context& context;
  } const current(parts_->context);
  work();
}

const std::string& OffscreenRenderer::driver() const {
  return parts_->driver;
}

}  // namespace understudy
