#pragma once
/// \file Triangle meshes from files.

#include <filesystem>

#include "envs/contract/scene.h"

namespace understudy {

/// Reads a mesh in any format that Assimp knows (STL, OBJ, DAE, PLY, glTF, ...), all its parts joined, in the
/// file's own units and axes; COLLADA's up axis and unit are applied. Colours are left to the shape. Throws
/// Error naming the file when it is missing, unreadable or holds no triangle.
SceneMesh read_mesh(const std::filesystem::path& file);

}  // namespace understudy
