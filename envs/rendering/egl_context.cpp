#include "envs/rendering/egl_context.h"

#include <dlfcn.h>
#include <epoxy/egl.h>

#include <array>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "envs/rendering/software_renderer.h"

namespace understudy {

namespace {

[[noreturn]] void fail(const std::string& finding) {
  throw Error(
      "no OpenGL 3.3 without a display: " + finding +
      "; install the packages libegl1, libopengl0 and libgl1-mesa-dri (apt-get install libegl1 libopengl0 "
      "libgl1-mesa-dri)");
}

}  // namespace

/// Owns a display's initialisation and a context on it.
struct EglContext::Parts {
  Parts() {
    // libepoxy ends the process when it is asked for EGL or OpenGL and there is none.
    if (!epoxy_has_egl()) fail("libEGL.so.1 is not installed");
    if (::dlopen("libOpenGL.so.0", RTLD_LAZY) == nullptr && ::dlopen("libGL.so.1", RTLD_LAZY) == nullptr)
      fail("neither libOpenGL.so.0 nor libGL.so.1 is installed");
    prepare_software_renderer();
    std::string finding = "EGL offers no display";
    for (const EGLDisplay candidate : displays()) {
      if (candidate != EGL_NO_DISPLAY && open(candidate, finding)) return;
    }
    fail(finding);
  }
  ~Parts() {
    // The display is not terminated: EGL hands the same one to everybody in the process.
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display, context);
    if (surface != EGL_NO_SURFACE) eglDestroySurface(display, surface);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

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

  bool open(EGLDisplay candidate, std::string& finding) {
    if (eglInitialize(candidate, nullptr, nullptr) == EGL_FALSE || eglBindAPI(EGL_OPENGL_API) == EGL_FALSE) {
      finding = "no EGL display starts up with OpenGL (no driver?)";
      return false;
    }
    const std::array<EGLint, 5> wanted{EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                       EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (eglChooseConfig(candidate, wanted.data(), &config, 1, &count) == EGL_FALSE || count < 1) {
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
    EGLContext made = eglCreateContext(candidate, config, EGL_NO_CONTEXT, version.data());
    if (made == EGL_NO_CONTEXT) {
      finding = "the driver refuses an OpenGL 3.3 core context";
      return false;
    }
    EGLSurface buffer = EGL_NO_SURFACE;
    if (!epoxy_has_egl_extension(candidate, "EGL_KHR_surfaceless_context")) {
      const std::array<EGLint, 5> size{EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};
      buffer = eglCreatePbufferSurface(candidate, config, size.data());
    }
    if (eglMakeCurrent(candidate, buffer, buffer, made) == EGL_FALSE) {
      if (buffer != EGL_NO_SURFACE) eglDestroySurface(candidate, buffer);
      eglDestroyContext(candidate, made);
      finding = "the driver's OpenGL context cannot be used";
      return false;
    }
    display = candidate;
    context = made;
    surface = buffer;
    return true;
  }

  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
  EGLSurface surface = EGL_NO_SURFACE;
};

EglContext::EglContext() : parts_(std::make_unique<Parts>()) {}
EglContext::~EglContext() = default;

void EglContext::make_current() const {
  if (eglMakeCurrent(parts_->display, parts_->surface, parts_->surface, parts_->context) == EGL_FALSE) {
    throw Error("EGL: cannot use the off-screen context on this thread (error " +
                std::to_string(eglGetError()) + ")");
  }
}

void EglContext::release() const {
  eglMakeCurrent(parts_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
}

}  // namespace understudy
