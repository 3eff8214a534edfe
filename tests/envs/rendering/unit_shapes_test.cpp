#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "datasets/types/error.h"
#include "envs/rendering/unit_shapes.h"
#include "tests/support/catch.h"

using namespace understudy;

namespace {

constexpr double kPi = std::numbers::pi;

/// Vertices as the shader places them for a shape of `size`.
std::vector<Eigen::Vector3d> placed(const UnitShape& unit, ShapeKind kind, const Eigen::Vector3f& size) {
  const auto [scale, half_height] = stretch(kind, size);
  std::vector<Eigen::Vector3d> points;
  for (std::size_t i = 0; i < unit.mesh.positions.size(); ++i) {
    Eigen::Vector3f point = scale.cwiseProduct(unit.mesh.positions[i]);
    point.z() += unit.extrusion[i] * half_height;
    points.push_back(point.cast<double>());
  }
  return points;
}

/// By the divergence theorem: positive only when triangles run counter-clockwise seen from outside.
double volume(const UnitShape& unit, const std::vector<Eigen::Vector3d>& points) {
  double sum = 0;
  const std::vector<unsigned>& index = unit.mesh.indices;
  for (std::size_t t = 0; t < index.size(); t += 3) {
    sum += points[index[t]].dot(points[index[t + 1]].cross(points[index[t + 2]])) / 6;
  }
  return sum;
}

struct Case {
  ShapeKind kind;
  Eigen::Vector3f size;
  double volume;
};

std::vector<Case> cases() {
  return {{ShapeKind::kBox, {1, 2, 3}, 48},
          {ShapeKind::kSphere, {2, 0, 0}, 4.0 / 3 * kPi * 8},
          {ShapeKind::kCylinder, {2, 0, 3}, kPi * 4 * 6},
          {ShapeKind::kCapsule, {2, 0, 3}, 4.0 / 3 * kPi * 8 + kPi * 4 * 6},
          {ShapeKind::kCone, {2, 0, 3}, kPi * 4 * 6 / 3}};
}

}  // namespace

TEST_CASE("every primitive encloses the volume of its kind") {
  for (const Case& one : cases()) {
    CAPTURE(static_cast<int>(one.kind));
    const UnitShape unit = make_unit_shape(one.kind, 128);
    // A polygon of 128 sides has 0.04 % less area than its circle; the sphere's rings lose as much again.
    CHECK(volume(unit, placed(unit, one.kind, one.size)) == Approx(one.volume).epsilon(0.002));
  }
}

TEST_CASE("every primitive is closed: each edge is walked once in each direction") {
  for (const Case& one : cases()) {
    CAPTURE(static_cast<int>(one.kind));
    const UnitShape unit = make_unit_shape(one.kind, 12);
    const std::vector<Eigen::Vector3d> points = placed(unit, one.kind, one.size);
    // Faces have vertices of their own: weld them by place.
    std::map<std::array<long, 3>, int> names;
    const auto name = [&](unsigned vertex) {
      const Eigen::Vector3d& p = points[vertex];
      const std::array<long, 3> key{std::lround(p.x() * 1e4), std::lround(p.y() * 1e4),
                                    std::lround(p.z() * 1e4)};
      return names.emplace(key, static_cast<int>(names.size())).first->second;
    };
    std::map<std::pair<int, int>, int> walked;
    const std::vector<unsigned>& index = unit.mesh.indices;
    for (std::size_t t = 0; t < index.size(); t += 3) {
      for (std::size_t k = 0; k < 3; ++k) {
        ++walked[{name(index[t + k]), name(index[t + (k + 1) % 3])}];
      }
    }
    for (const auto& [edge, times] : walked) {
      CHECK(edge.first != edge.second);
      CHECK(times == 1);
      CHECK(walked.count({edge.second, edge.first}) == 1);
    }
  }
}

TEST_CASE("normals are unit length and point out of their triangles") {
  for (const Case& one : cases()) {
    CAPTURE(static_cast<int>(one.kind));
    const UnitShape unit = make_unit_shape(one.kind, 24);
    const SceneMesh& mesh = unit.mesh;
    for (const Eigen::Vector3f& normal : mesh.normals) CHECK(normal.norm() == Approx(1).margin(1e-5));
    const std::vector<Eigen::Vector3d> points = placed(unit, one.kind, Eigen::Vector3f::Ones());
    for (std::size_t t = 0; t < mesh.indices.size(); t += 3) {
      const std::array<unsigned, 3> v{mesh.indices[t], mesh.indices[t + 1], mesh.indices[t + 2]};
      const Eigen::Vector3d face =
          (points[v[1]] - points[v[0]]).cross(points[v[2]] - points[v[0]]).normalized();
      for (const unsigned vertex : v) CHECK(mesh.normals[vertex].cast<double>().dot(face) > 0.8);
    }
  }
}

TEST_CASE("a shape that cannot be made is refused") {
  CHECK_THROWS_AS(make_unit_shape(ShapeKind::kMesh), Error);
  CHECK_THROWS_WITH(make_unit_shape(ShapeKind::kSphere, 2), ContainsSubstring("at least 3"));
}
