#include "envs/rendering/gl_geometry.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <string>

#include "datasets/types/error.h"
#include "envs/rendering/gl_shaders.h"

namespace understudy {

namespace {

constexpr int kVertexFloats = 10;  // position, extrusion, normal, colour

const void* offset(std::size_t bytes) {
  return reinterpret_cast<const void*>(bytes);
}

void attribute(unsigned slot, int size, std::size_t stride, std::size_t at) {
  glEnableVertexAttribArray(slot);
  glVertexAttribPointer(slot, size, GL_FLOAT, GL_FALSE, static_cast<GLsizei>(stride), offset(at));
}

}  // namespace

GlInstances::GlInstances() : buffer_(GlBuffer::make()) {}

void GlInstances::upload(const std::vector<GlInstance>& instances) {
  glBindBuffer(GL_ARRAY_BUFFER, buffer_.name());
  glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(instances.size() * sizeof(GlInstance)),
               instances.data(), GL_STREAM_DRAW);
}

GlGeometry::GlGeometry(const UnitShape& shape)
    : array_(GlVertexArray::make()),
      vertices_(GlBuffer::make()),
      indices_(GlBuffer::make()),
      index_count_(static_cast<int>(shape.mesh.indices.size())) {
  const SceneMesh& mesh = shape.mesh;
  std::vector<float> data;
  data.reserve(mesh.positions.size() * kVertexFloats);
  const auto append = [&](const Eigen::Vector3f& v) { data.insert(data.end(), v.data(), v.data() + 3); };
  for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
    append(mesh.positions[i]);
    data.push_back(shape.extrusion.empty() ? 0.0F : shape.extrusion[i]);
    append(mesh.normals[i]);
    append(mesh.colours.empty() ? Eigen::Vector3f::Ones() : mesh.colours[i]);
  }
  glBindVertexArray(array_.name());
  glBindBuffer(GL_ARRAY_BUFFER, vertices_.name());
  glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(data.size() * sizeof(float)), data.data(),
               GL_STATIC_DRAW);
  glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices_.name());
  glBufferData(GL_ELEMENT_ARRAY_BUFFER, static_cast<GLsizeiptr>(mesh.indices.size() * sizeof(unsigned)),
               mesh.indices.data(), GL_STATIC_DRAW);
  constexpr std::size_t stride = kVertexFloats * sizeof(float);
  attribute(kSlotPosition, 4, stride, 0);
  attribute(kSlotNormal, 3, stride, 4 * sizeof(float));
  attribute(kSlotColour, 3, stride, 7 * sizeof(float));
  for (unsigned slot = kSlotRow; slot <= kSlotBody; ++slot) glVertexAttribDivisor(slot, 1);
  glBindVertexArray(0);
}

void GlGeometry::draw(const GlInstances& instances, std::size_t first, std::size_t count) const {
  if (count == 0 || index_count_ == 0) return;
  glBindVertexArray(array_.name());
  glBindBuffer(GL_ARRAY_BUFFER, instances.name());
  // OpenGL 3.3 has no base instance: the pointers move instead.
  const std::size_t base = first * sizeof(GlInstance);
  for (unsigned row = 0; row < 3; ++row) {
    attribute(kSlotRow + row, 4, sizeof(GlInstance), base + row * 4 * sizeof(float));
  }
  attribute(kSlotStretch, 4, sizeof(GlInstance), base + offsetof(GlInstance, stretch));
  attribute(kSlotTint, 4, sizeof(GlInstance), base + offsetof(GlInstance, tint));
  glEnableVertexAttribArray(kSlotBody);
  glVertexAttribIPointer(kSlotBody, 1, GL_INT, static_cast<GLsizei>(sizeof(GlInstance)),
                         offset(base + offsetof(GlInstance, body)));
  glDrawElementsInstanced(GL_TRIANGLES, index_count_, GL_UNSIGNED_INT, nullptr, static_cast<GLsizei>(count));
}

void check_mesh(const SceneMesh& mesh, std::size_t index) {
  const std::string place = "scene mesh " + std::to_string(index) + ": ";
  const std::size_t count = mesh.positions.size();
  if (mesh.normals.size() != count || (!mesh.colours.empty() && mesh.colours.size() != count)) {
    throw Error(place + "want " + std::to_string(count) + " normals and as many colours or none, found " +
                std::to_string(mesh.normals.size()) + " and " + std::to_string(mesh.colours.size()));
  }
  if (mesh.indices.size() % 3 != 0) {
    throw Error(place + "want three indices a triangle, found " + std::to_string(mesh.indices.size()));
  }
  const auto largest = std::max_element(mesh.indices.begin(), mesh.indices.end());
  if (largest != mesh.indices.end() && *largest >= count) {
    throw Error(place + "index " + std::to_string(*largest) + " of " + std::to_string(count) + " positions");
  }
}

}  // namespace understudy
