#pragma once
/// \file Owners of OpenGL objects. Each needs the context it was made in to be current when it is destroyed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace understudy {

/// What an OpenGL name stands for.
enum class GlKind { kBuffer, kVertexArray, kTexture, kFramebuffer, kRenderbuffer, kProgram };

/// One OpenGL object of `kind`; 0 when empty. Moves, does not copy.
template <GlKind kind>
class GlObject {
 public:
  GlObject() = default;
  /// Takes over `name`.
  explicit GlObject(unsigned name) : name_(name) {}
  GlObject(GlObject&& other) noexcept : name_(std::exchange(other.name_, 0)) {}
  GlObject& operator=(GlObject&& other) noexcept {
    if (this != &other) {
      destroy();
      name_ = std::exchange(other.name_, 0);
    }
    return *this;
  }
  ~GlObject() { destroy(); }

  /// A new object.
  static GlObject make();
  unsigned name() const { return name_; }

 private:
  void destroy();
  unsigned name_ = 0;
};

using GlBuffer = GlObject<GlKind::kBuffer>;
using GlVertexArray = GlObject<GlKind::kVertexArray>;
using GlTexture = GlObject<GlKind::kTexture>;
using GlFramebuffer = GlObject<GlKind::kFramebuffer>;
using GlRenderbuffer = GlObject<GlKind::kRenderbuffer>;
using GlProgram = GlObject<GlKind::kProgram>;

/// Compiles and links a program. Throws Error with `name` and the driver's first complaint.
GlProgram link_program(const std::string& name, const char* vertex_source, const char* fragment_source);

/// Depth texture of `size` x `size` that a shader compares against (sampler2DShadow); outside it all is lit.
GlTexture make_shadow_texture(int size);

/// Smooth value noise that tiles, one channel: the mean of random grids of three widths.
GlTexture make_grain_texture();

/// Colour and depth buffers to draw into, and to read the picture back from.
class GlPictureBuffer {
 public:
  /// `samples` is lowered to what the driver offers. Throws Error when the driver refuses the size.
  GlPictureBuffer(int width, int height, int samples);

  unsigned framebuffer() const { return draw_.name(); }
  /// Copies the colours into `framebuffer`, their lower left corner to (left, bottom).
  void copy_to(unsigned framebuffer, int left = 0, int bottom = 0) const;
  /// Reads the colours back, RGB, rows from the top down, into `[height, width, 3]` bytes.
  void read(unsigned char* rgb) const;
  /// Reads the colours back as they lie, RGBA and rows from the bottom up, into `[height, width, 4]` bytes.
  void read_rgba(unsigned char* rgba) const;

 private:
  void bind_readable() const;

  int width_;
  int height_;
  GlRenderbuffer colour_;
  GlRenderbuffer depth_;
  GlFramebuffer draw_;
  GlRenderbuffer resolved_;  // only with several samples a pixel
  GlFramebuffer resolve_;
};

/// Buffers for what a depth camera and a segmentation see, one sample a pixel: distance along the view
/// (float, colour buffer 0) and body (16-bit integer, colour buffer 1).
class GlSensorBuffer {
 public:
  /// Throws Error when the driver refuses the size.
  GlSensorBuffer(int width, int height);

  unsigned framebuffer() const { return frame_.name(); }
  /// Read back, rows from the top down, `[height, width]`.
  void read_depth(float* depth) const;
  void read_segmentation(std::int16_t* bodies) const;

 private:
  int width_;
  int height_;
  GlRenderbuffer distance_;
  GlRenderbuffer body_;
  GlRenderbuffer depth_;
  GlFramebuffer frame_;
};

/// Reads `width` x `height` pixels of the framebuffer bound for reading, RGB, rows from the top down.
void read_pixels(int width, int height, unsigned char* rgb);

}  // namespace understudy
