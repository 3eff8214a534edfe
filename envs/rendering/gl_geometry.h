#pragma once
/// \file Meshes on the graphics card and many instances of each in one draw call.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "envs/rendering/gl_objects.h"
#include "envs/rendering/unit_shapes.h"

namespace understudy {

/// One drawn shape, as the shaders read it (gl_shaders.h).
struct GlInstance {
  std::array<float, 12> rows;    ///< first three rows of the shape-to-world transform
  std::array<float, 4> stretch;  ///< scale, half height
  std::array<float, 4> tint;     ///< linear colour, opacity
  std::int32_t body;             ///< what segmentation shows
};

/// Buffer of the instances of one picture.
class GlInstances {
 public:
  GlInstances();
  /// Replaces the contents.
  void upload(const std::vector<GlInstance>& instances);
  unsigned name() const { return buffer_.name(); }

 private:
  GlBuffer buffer_;
};

/// A mesh ready to be drawn.
class GlGeometry {
 public:
  explicit GlGeometry(const UnitShape& shape);

  /// Draws instances [first, first + count) with the program in use.
  void draw(const GlInstances& instances, std::size_t first, std::size_t count) const;

 private:
  GlVertexArray array_;
  GlBuffer vertices_;
  GlBuffer indices_;
  int index_count_;
};

/// Throws Error that calls the mesh `index` unless its arrays fit each other and its indices its positions.
void check_mesh(const SceneMesh& mesh, std::size_t index);

}  // namespace understudy
