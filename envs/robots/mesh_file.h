#pragma once
/// \file Triangle meshes from files.

#include <filesystem>

#include "envs/contract/scene.h"

namespace understudy {

/// Reads a mesh from an STL, OBJ or DAE file, all its parts joined, in the file's own units and axes; COLLADA's
/// up axis becomes z, as in PyBullet, and its unit is applied. Colours are left to the shape, and no file that the mesh names is opened.
/// Throws Error naming the file when it is missing, of another kind, unreadable or holds no triangle.
SceneMesh read_mesh(const std::filesystem::path& file);

}  // namespace understudy
