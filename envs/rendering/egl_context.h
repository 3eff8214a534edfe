#pragma once
/// \file An OpenGL context without a window or a display server, through EGL.

#include <memory>

namespace understudy {

/// An OpenGL 3.3 core context without a surface of its own. Current on the constructing thread from its
/// construction on; used by one thread at a time.
class EglContext {
 public:
  /// Tries Mesa's surfaceless platform, then every EGL device, then the default display. Throws Error naming
  /// the packages to install when none of them gives an OpenGL 3.3 context.
  EglContext();
  /// OpenGL objects made in it have to be gone.
  ~EglContext();
  EglContext(const EglContext&) = delete;
  EglContext& operator=(const EglContext&) = delete;

  void make_current() const;
  void release() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Keeps a context current for a scope.
class CurrentContext {
 public:
  explicit CurrentContext(const EglContext& context) : context_(context) { context_.make_current(); }
  ~CurrentContext() { context_.release(); }
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;

 private:
  const EglContext& context_;
};

}  // namespace understudy
