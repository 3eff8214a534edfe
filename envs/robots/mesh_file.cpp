#include "envs/robots/mesh_file.h"

#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include <assimp/Importer.hpp>
#include <cmath>

#include "datasets/types/error.h"

namespace understudy {

SceneMesh read_mesh(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(file.string() + ": want a mesh file, found nothing there: correct the path in the URDF");
  }
  Assimp::Importer importer;
  // Points and lines are dropped: they can neither be touched nor be drawn.
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE, aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  const aiScene* scene = importer.ReadFile(
      file.string(), aiProcess_Triangulate | aiProcess_JoinIdenticalVertices | aiProcess_GenSmoothNormals |
                         aiProcess_SortByPType | aiProcess_PreTransformVertices);
  if (!scene) {
    throw Error(file.string() + ": this is no mesh that can be read (" + importer.GetErrorString() +
                "): want STL, OBJ, DAE or another common format");
  }
  SceneMesh mesh;
  for (unsigned m = 0; m < scene->mNumMeshes; ++m) {
    const aiMesh& part = *scene->mMeshes[m];
    const auto first = static_cast<unsigned>(mesh.positions.size());
    for (unsigned v = 0; v < part.mNumVertices; ++v) {
      const aiVector3D &p = part.mVertices[v], &n = part.mNormals[v];
      mesh.positions.emplace_back(p.x, p.y, p.z);
      const Eigen::Vector3f normal(n.x, n.y, n.z);
      mesh.normals.push_back(normal.norm() > 0.5F ? normal.normalized() : Eigen::Vector3f::UnitZ());
    }
    for (unsigned f = 0; f < part.mNumFaces; ++f) {
      const aiFace& face = part.mFaces[f];
      for (unsigned k = 0; k < face.mNumIndices; ++k) mesh.indices.push_back(first + face.mIndices[k]);
    }
  }
  for (const Eigen::Vector3f& p : mesh.positions) {
    if (!p.allFinite())
      throw Error(file.string() + ": the mesh has a corner that is not finite: export it again");
  }
  if (mesh.indices.empty()) throw Error(file.string() + ": the mesh holds no triangle: export it again");
  return mesh;
}

}  // namespace understudy
