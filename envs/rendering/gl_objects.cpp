#include "envs/rendering/gl_objects.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {

template <GlKind kind>
GlObject<kind> GlObject<kind>::make() {
  GLuint name = 0;
  if constexpr (kind == GlKind::kBuffer) glGenBuffers(1, &name);
  if constexpr (kind == GlKind::kVertexArray) glGenVertexArrays(1, &name);
  if constexpr (kind == GlKind::kTexture) glGenTextures(1, &name);
  if constexpr (kind == GlKind::kFramebuffer) glGenFramebuffers(1, &name);
  if constexpr (kind == GlKind::kRenderbuffer) glGenRenderbuffers(1, &name);
  if constexpr (kind == GlKind::kProgram) name = glCreateProgram();
  return GlObject(name);
}

template <GlKind kind>
void GlObject<kind>::destroy() {
  if (name_ == 0) return;
  if constexpr (kind == GlKind::kBuffer) glDeleteBuffers(1, &name_);
  if constexpr (kind == GlKind::kVertexArray) glDeleteVertexArrays(1, &name_);
  if constexpr (kind == GlKind::kTexture) glDeleteTextures(1, &name_);
  if constexpr (kind == GlKind::kFramebuffer) glDeleteFramebuffers(1, &name_);
  if constexpr (kind == GlKind::kRenderbuffer) glDeleteRenderbuffers(1, &name_);
  if constexpr (kind == GlKind::kProgram) glDeleteProgram(name_);
  name_ = 0;
}

template class GlObject<GlKind::kBuffer>;
template class GlObject<GlKind::kVertexArray>;
template class GlObject<GlKind::kTexture>;
template class GlObject<GlKind::kFramebuffer>;
template class GlObject<GlKind::kRenderbuffer>;
template class GlObject<GlKind::kProgram>;

namespace {

std::string first_line(const std::vector<char>& log) {
  const std::string text(log.data());
  return text.substr(0, text.find('\n'));
}

/// A shader exists only until its program is linked.
class Shader {
 public:
  Shader(GLenum type, const std::string& name, const char* source) : name_(glCreateShader(type)) {
    glShaderSource(name_, 1, &source, nullptr);
    glCompileShader(name_);
    GLint good = GL_FALSE;
    glGetShaderiv(name_, GL_COMPILE_STATUS, &good);
    if (good == GL_TRUE) return;
    std::vector<char> log(2048, '\0');
    glGetShaderInfoLog(name_, static_cast<GLsizei>(log.size()) - 1, nullptr, log.data());
    glDeleteShader(name_);
    throw Error("OpenGL: shader '" + name + "' does not compile on this driver: " + first_line(log));
  }
  ~Shader() { glDeleteShader(name_); }
  Shader(const Shader&) = delete;
  Shader& operator=(const Shader&) = delete;
  GLuint name() const { return name_; }

 private:
  GLuint name_;
};

void check_size(int width, int height) {
  GLint largest = 0;
  glGetIntegerv(GL_MAX_RENDERBUFFER_SIZE, &largest);
  if (width < 1 || height < 1 || width > largest || height > largest) {
    throw Error("picture size: want 1 to " + std::to_string(largest) + " pixels a side, found " +
                std::to_string(width) + " x " + std::to_string(height));
  }
}

void check_complete(int width, int height) {
  const GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
  if (status != GL_FRAMEBUFFER_COMPLETE) {
    throw Error("OpenGL: the driver refuses a picture of " + std::to_string(width) + " x " +
                std::to_string(height) + " pixels (framebuffer status " + std::to_string(status) + ")");
  }
}

}  // namespace

GlProgram link_program(const std::string& name, const char* vertex_source, const char* fragment_source) {
  const Shader vertex(GL_VERTEX_SHADER, name, vertex_source);
  const Shader fragment(GL_FRAGMENT_SHADER, name, fragment_source);
  GlProgram program = GlProgram::make();
  glAttachShader(program.name(), vertex.name());
  glAttachShader(program.name(), fragment.name());
  glLinkProgram(program.name());
  glDetachShader(program.name(), vertex.name());
  glDetachShader(program.name(), fragment.name());
  GLint good = GL_FALSE;
  glGetProgramiv(program.name(), GL_LINK_STATUS, &good);
  if (good != GL_TRUE) {
    std::vector<char> log(2048, '\0');
    glGetProgramInfoLog(program.name(), static_cast<GLsizei>(log.size()) - 1, nullptr, log.data());
    throw Error("OpenGL: shader '" + name + "' does not link on this driver: " + first_line(log));
  }
  return program;
}

GlTexture make_shadow_texture(int size) {
  GlTexture texture = GlTexture::make();
  glBindTexture(GL_TEXTURE_2D, texture.name());
  glTexImage2D(GL_TEXTURE_2D, 0, GL_DEPTH_COMPONENT24, size, size, 0, GL_DEPTH_COMPONENT, GL_UNSIGNED_INT,
               nullptr);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_BORDER);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_BORDER);
  const std::array<float, 4> far_away{1, 1, 1, 1};
  glTexParameterfv(GL_TEXTURE_2D, GL_TEXTURE_BORDER_COLOR, far_away.data());
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_COMPARE_FUNC, GL_LEQUAL);
  return texture;
}

GlTexture make_grain_texture() {
  constexpr int kGrainSize = 256;  // texels
  Rng rng(1);
  std::vector<float> sum(kGrainSize * kGrainSize, 0.0F);
  for (const int cell : {1, 4, 16}) {
    const int cells = kGrainSize / cell;
    std::vector<float> knots(static_cast<std::size_t>(cells * cells));
    for (float& knot : knots) knot = static_cast<float>(rng.uniform());
    const auto knot = [&](int x, int y) {
      return knots[static_cast<std::size_t>((y % cells) * cells + x % cells)];
    };
    for (int y = 0; y < kGrainSize; ++y) {
      for (int x = 0; x < kGrainSize; ++x) {
        const float u = static_cast<float>(x % cell) / static_cast<float>(cell);
        const float v = static_cast<float>(y % cell) / static_cast<float>(cell);
        const int i = x / cell;
        const int j = y / cell;
        const float low = knot(i, j) * (1 - u) + knot(i + 1, j) * u;
        const float high = knot(i, j + 1) * (1 - u) + knot(i + 1, j + 1) * u;
        sum[static_cast<std::size_t>(y * kGrainSize + x)] += (low * (1 - v) + high * v) / 3;
      }
    }
  }
  std::vector<std::uint8_t> bytes(sum.size());
  std::transform(sum.begin(), sum.end(), bytes.begin(),
                 [](float value) { return static_cast<std::uint8_t>(255.0F * value); });
  GlTexture texture = GlTexture::make();
  glBindTexture(GL_TEXTURE_2D, texture.name());
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, kGrainSize, kGrainSize, 0, GL_RED, GL_UNSIGNED_BYTE, bytes.data());
  glGenerateMipmap(GL_TEXTURE_2D);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_NEAREST);
  return texture;
}

GlPictureBuffer::GlPictureBuffer(int width, int height, int samples)
    : width_(width),
      height_(height),
      colour_(GlRenderbuffer::make()),
      depth_(GlRenderbuffer::make()),
      draw_(GlFramebuffer::make()) {
  GLint most = 0;
  glGetIntegerv(GL_MAX_SAMPLES, &most);
  check_size(width, height);
  const int used = std::min(samples, static_cast<int>(most));
  const GLsizei count = used > 1 ? used : 0;
  glBindRenderbuffer(GL_RENDERBUFFER, colour_.name());
  glRenderbufferStorageMultisample(GL_RENDERBUFFER, count, GL_RGBA8, width, height);
  glBindRenderbuffer(GL_RENDERBUFFER, depth_.name());
  glRenderbufferStorageMultisample(GL_RENDERBUFFER, count, GL_DEPTH_COMPONENT24, width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, draw_.name());
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, colour_.name());
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth_.name());
  check_complete(width, height);
  if (count == 0) return;
  resolved_ = GlRenderbuffer::make();
  resolve_ = GlFramebuffer::make();
  glBindRenderbuffer(GL_RENDERBUFFER, resolved_.name());
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, resolve_.name());
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, resolved_.name());
  check_complete(width, height);
}

void GlPictureBuffer::copy_to(unsigned framebuffer, int left, int bottom) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, draw_.name());
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, framebuffer);
  glBlitFramebuffer(0, 0, width_, height_, left, bottom, left + width_, bottom + height_, GL_COLOR_BUFFER_BIT,
                    GL_NEAREST);
}

/// Binds one sample a pixel for reading.
void GlPictureBuffer::bind_readable() const {
  unsigned source = draw_.name();
  if (resolve_.name() != 0) {
    source = resolve_.name();
    copy_to(source);
  }
  glBindFramebuffer(GL_READ_FRAMEBUFFER, source);
}

void GlPictureBuffer::read(unsigned char* rgb) const {
  bind_readable();
  read_pixels(width_, height_, rgb);
}

void GlPictureBuffer::read_rgba(unsigned char* rgba) const {
  bind_readable();
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
}

namespace {

/// OpenGL counts rows from the bottom up.
template <class Entry>
void turn_over(Entry* entries, std::size_t row, int rows) {
  for (int top = 0, bottom = rows - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(entries + static_cast<std::size_t>(top) * row,
                     entries + static_cast<std::size_t>(top + 1) * row,
                     entries + static_cast<std::size_t>(bottom) * row);
  }
}

}  // namespace

void read_pixels(int width, int height, unsigned char* rgb) {
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, rgb);
  turn_over(rgb, static_cast<std::size_t>(width) * 3, height);
}

GlSensorBuffer::GlSensorBuffer(int width, int height)
    : width_(width),
      height_(height),
      distance_(GlRenderbuffer::make()),
      body_(GlRenderbuffer::make()),
      depth_(GlRenderbuffer::make()),
      frame_(GlFramebuffer::make()) {
  check_size(width, height);
  glBindFramebuffer(GL_FRAMEBUFFER, frame_.name());
  const auto attach = [&](const GlRenderbuffer& buffer, GLenum format, GLenum attachment) {
    glBindRenderbuffer(GL_RENDERBUFFER, buffer.name());
    glRenderbufferStorage(GL_RENDERBUFFER, format, width, height);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, attachment, GL_RENDERBUFFER, buffer.name());
  };
  attach(distance_, GL_R32F, GL_COLOR_ATTACHMENT0);
  attach(body_, GL_R16I, GL_COLOR_ATTACHMENT1);
  attach(depth_, GL_DEPTH_COMPONENT24, GL_DEPTH_ATTACHMENT);
  const std::array<GLenum, 2> buffers{GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT1};
  glDrawBuffers(static_cast<GLsizei>(buffers.size()), buffers.data());
  check_complete(width, height);
}

void GlSensorBuffer::read_depth(float* depth) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, frame_.name());
  glReadBuffer(GL_COLOR_ATTACHMENT0);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RED, GL_FLOAT, depth);
  turn_over(depth, static_cast<std::size_t>(width_), height_);
}

void GlSensorBuffer::read_segmentation(std::int16_t* bodies) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, frame_.name());
  glReadBuffer(GL_COLOR_ATTACHMENT1);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RED_INTEGER, GL_SHORT, bodies);
  turn_over(bodies, static_cast<std::size_t>(width_), height_);
}

}  // namespace understudy
