#pragma once
/// \file Triangle meshes of the primitive shapes.

#include <vector>

#include "envs/contract/scene.h"

namespace understudy {

/// A primitive of unit size, to be stretched: a vertex stands at
///   scale * position + (0, 0, extrusion * half_height)
/// where only a capsule has extrusions (+1 on its upper half, -1 on its lower one), so that one mesh serves
/// every capsule. The normal of a stretched vertex is normal / scale, normalised.
struct UnitShape {
  SceneMesh mesh;                ///< no colours
  std::vector<float> extrusion;  ///< one per vertex
};

/// Box of half extents 1; sphere, capsule of radius 1; cylinder and cone of radius 1 and half height 1 along
/// z. Round shapes have `segments` (at least 3) sides around z. Throws Error for kMesh.
UnitShape make_unit_shape(ShapeKind kind, int segments = 32);

/// Scale and half height that turn the unit shape into one of `size` (see ShapeKind).
struct ShapeStretch {
  Eigen::Vector3f scale;
  float half_height;
};
ShapeStretch stretch(ShapeKind kind, const Eigen::Vector3f& size);

}  // namespace understudy
