#include "envs/rendering/unit_shapes.h"

#include <cmath>
#include <numbers>
#include <string>

#include "datasets/types/error.h"

namespace understudy {

namespace {

constexpr float kPi = std::numbers::pi_v<float>;

/// Adds vertices and triangles; keeps extrusions in step with positions.
class Builder {
 public:
  unsigned add(const Eigen::Vector3f& position, const Eigen::Vector3f& normal, float extrusion = 0) {
    shape_.mesh.positions.push_back(position);
    shape_.mesh.normals.push_back(normal.normalized());
    shape_.extrusion.push_back(extrusion);
    return static_cast<unsigned>(shape_.mesh.positions.size() - 1);
  }
  void triangle(unsigned a, unsigned b, unsigned c) {
    for (const unsigned index : {a, b, c}) shape_.mesh.indices.push_back(index);
  }
  void quad(unsigned a, unsigned b, unsigned c, unsigned d) {
    triangle(a, b, c);
    triangle(a, c, d);
  }
  UnitShape take() { return std::move(shape_); }

 private:
  UnitShape shape_;
};

Eigen::Vector3f around(int i, int segments, float radius = 1, float z = 0) {
  const float angle = 2 * kPi * static_cast<float>(i % segments) / static_cast<float>(segments);
  return {radius * std::cos(angle), radius * std::sin(angle), z};
}

UnitShape box() {
  Builder out;
  for (int axis = 0; axis < 3; ++axis) {
    for (const float side : {-1.0F, 1.0F}) {
      Eigen::Vector3f normal = Eigen::Vector3f::Zero();
      normal[axis] = side;
      // u x v = normal, so that the corners run counter-clockwise seen from outside.
      Eigen::Vector3f u = Eigen::Vector3f::Zero();
      u[(axis + 1) % 3] = 1;
      const Eigen::Vector3f v = normal.cross(u);
      const unsigned a = out.add(normal - u - v, normal);
      const unsigned b = out.add(normal + u - v, normal);
      const unsigned c = out.add(normal + u + v, normal);
      const unsigned d = out.add(normal - u + v, normal);
      out.quad(a, b, c, d);
    }
  }
  return out.take();
}

/// Sphere, or with `extrude` a capsule: the equator stands twice, once for each half, and the quads between
/// the two become the straight part.
UnitShape sphere(int segments, bool extrude) {
  Builder out;
  const int half_rings = std::max(2, segments / 4);
  std::vector<std::vector<unsigned>> rings;
  const auto add_ring = [&](float latitude, float extrusion) {
    std::vector<unsigned>& ring = rings.emplace_back();
    for (int i = 0; i <= segments; ++i) {
      const Eigen::Vector3f point = around(i, segments, std::cos(latitude), std::sin(latitude));
      ring.push_back(out.add(point, point, extrusion));
    }
  };
  const float step = kPi / 2 / static_cast<float>(half_rings);
  for (int ring = -half_rings; ring <= 0; ++ring)
    add_ring(static_cast<float>(ring) * step, extrude ? -1.0F : 0.0F);
  for (int ring = extrude ? 0 : 1; ring <= half_rings; ++ring) {
    add_ring(static_cast<float>(ring) * step, extrude ? 1.0F : 0.0F);
  }
  for (std::size_t r = 0; r + 1 < rings.size(); ++r) {
    for (std::size_t i = 0; i + 1 < rings[r].size(); ++i) {
      // At the poles a quad has shrunk to a triangle.
      if (r != 0) out.triangle(rings[r][i], rings[r][i + 1], rings[r + 1][i + 1]);
      if (r + 2 != rings.size()) out.triangle(rings[r][i], rings[r + 1][i + 1], rings[r + 1][i]);
    }
  }
  return out.take();
}

void cap(Builder& out, int segments, float z) {
  const Eigen::Vector3f normal(0, 0, z);
  const unsigned centre = out.add(normal, normal);
  std::vector<unsigned> rim;
  for (int i = 0; i < segments; ++i) rim.push_back(out.add(around(i, segments, 1, z), normal));
  for (int i = 0; i < segments; ++i) {
    const unsigned a = rim[static_cast<std::size_t>(i)];
    const unsigned b = rim[static_cast<std::size_t>((i + 1) % segments)];
    if (z > 0) {
      out.triangle(centre, a, b);
    } else {
      out.triangle(centre, b, a);
    }
  }
}

UnitShape cylinder(int segments) {
  Builder out;
  for (int i = 0; i < segments; ++i) {
    const Eigen::Vector3f n0 = around(i, segments);
    const Eigen::Vector3f n1 = around(i + 1, segments);
    const Eigen::Vector3f z = Eigen::Vector3f::UnitZ();
    out.quad(out.add(n0 - z, n0), out.add(n1 - z, n1), out.add(n1 + z, n1), out.add(n0 + z, n0));
  }
  cap(out, segments, 1);
  cap(out, segments, -1);
  return out.take();
}

UnitShape cone(int segments) {
  Builder out;
  const Eigen::Vector3f apex(0, 0, 1);
  // The side of a cone of radius 1 and height 2 leans inwards by 1 for each 2 upwards: normal (2, 0, 1).
  const auto side_normal = [&](float i) {
    const float angle = 2 * kPi * i / static_cast<float>(segments);
    return Eigen::Vector3f(2 * std::cos(angle), 2 * std::sin(angle), 1);
  };
  for (int i = 0; i < segments; ++i) {
    const auto at = static_cast<float>(i);
    out.triangle(out.add(around(i, segments, 1, -1), side_normal(at)),
                 out.add(around(i + 1, segments, 1, -1), side_normal(at + 1)),
                 out.add(apex, side_normal(at + 0.5F)));
  }
  cap(out, segments, -1);
  return out.take();
}

}  // namespace

UnitShape make_unit_shape(ShapeKind kind, int segments) {
  if (segments < 3) throw Error("a round shape wants at least 3 sides, found " + std::to_string(segments));
  switch (kind) {
    case ShapeKind::kBox:
      return box();
    case ShapeKind::kSphere:
      return sphere(segments, false);
    case ShapeKind::kCylinder:
      return cylinder(segments);
    case ShapeKind::kCapsule:
      return sphere(segments, true);
    case ShapeKind::kCone:
      return cone(segments);
    case ShapeKind::kMesh:
      break;
  }
  throw Error("a mesh has no unit shape");
}

ShapeStretch stretch(ShapeKind kind, const Eigen::Vector3f& size) {
  switch (kind) {
    case ShapeKind::kBox:
      return {size, 0};
    case ShapeKind::kSphere:
      return {Eigen::Vector3f::Constant(size.x()), 0};
    case ShapeKind::kCapsule:
      return {Eigen::Vector3f::Constant(size.x()), size.z()};
    case ShapeKind::kCylinder:
    case ShapeKind::kCone:
      return {Eigen::Vector3f(size.x(), size.x(), size.z()), 0};
    case ShapeKind::kMesh:
      break;
  }
  return {Eigen::Vector3f::Ones(), 0};
}

}  // namespace understudy
