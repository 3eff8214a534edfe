#include "envs/robots/mesh_file.h"

#include <assimp/BaseImporter.h>
#include <assimp/DefaultIOSystem.h>
#include <assimp/importerdesc.h>
#include <assimp/postprocess.h>
#include <assimp/scene.h>

#include <algorithm>
#include <array>
#include <assimp/Importer.hpp>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <string_view>
#include <vector>

#include "datasets/storage/guarded.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr std::array<std::string_view, 3> kFormats = {"stl", "obj", "dae"};
constexpr std::uintmax_t kMostBytes = std::uintmax_t{256} << 20;

std::string format_of(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension.empty() ? "" : extension.substr(1);
}

bool is_known(const std::string& format) {
  return std::find(kFormats.begin(), kFormats.end(), format) != kFormats.end();
}

/// Whether one of the endings in an importer's list, "dae xml zae" for COLLADA's, is known.
bool knows_one(const std::string& endings) {
  std::istringstream words(endings);
  for (std::string word; words >> word;) {
    if (is_known(word)) return true;
  }
  return false;
}

/// Opens the mesh and nothing else: no materials and textures that a file names, wherever they are.
class OneFile final : public Assimp::DefaultIOSystem {
 public:
  explicit OneFile(std::string file) : file_(std::move(file)) {}
  bool Exists(const char* path) const override { return file_ == path; }
  Assimp::IOStream* Open(const char* path, const char* mode) override {
    return file_ == path ? DefaultIOSystem::Open(path, mode) : nullptr;
  }

 private:
  std::string file_;
};

/// Assimp tries every format that it knows on a file that its own reader refuses; several of those never end or
/// abort on foreign bytes.
void keep_known_formats(Assimp::Importer& importer) {
  std::vector<Assimp::BaseImporter*> others;
  for (std::size_t i = 0; i < importer.GetImporterCount(); ++i) {
    const aiImporterDesc* description = importer.GetImporterInfo(i);
    if (description == nullptr || !knows_one(description->mFileExtensions))
      others.push_back(importer.GetImporter(i));
  }
  for (Assimp::BaseImporter* other : others) {
    importer.UnregisterLoader(other);
    delete other;  // NOLINT(cppcoreguidelines-owning-memory): the importer has given it up
  }
}

SceneMesh import_mesh(const std::filesystem::path& file) {
  Assimp::Importer importer;
  keep_known_formats(importer);
  importer.SetIOHandler(new OneFile(file.string()));  // which it owns
  // Points and lines are dropped: they can neither be touched nor be drawn.
  importer.SetPropertyInteger(AI_CONFIG_PP_SBP_REMOVE, aiPrimitiveType_POINT | aiPrimitiveType_LINE);
  const aiScene* scene = importer.ReadFile(
      file.string(), aiProcess_Triangulate | aiProcess_JoinIdenticalVertices | aiProcess_GenSmoothNormals |
                         aiProcess_SortByPType | aiProcess_PreTransformVertices);
  if (!scene) {
    throw Error(file.string() + ": this is no mesh that can be read (" + importer.GetErrorString() +
                "): export it again as STL, OBJ or DAE");
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
  if (format_of(file) == "dae") {
    // Assimp turns whatever COLLADA says is up into y; here it is z.
    for (auto* vectors : {&mesh.positions, &mesh.normals}) {
      for (Eigen::Vector3f& v : *vectors) v = Eigen::Vector3f(v.x(), -v.z(), v.y());
    }
  }
  for (const Eigen::Vector3f& p : mesh.positions) {
    if (!p.allFinite())
      throw Error(file.string() + ": the mesh has a corner that is not finite: export it again");
  }
  if (mesh.indices.empty()) throw Error(file.string() + ": the mesh holds no triangle: export it again");
  return mesh;
}

/// The numbers of a mesh on end, for the way between two processes of one program.
template <class Value>
void put(std::string& bytes, const std::vector<Value>& values) {
  const std::size_t count = values.size();
  bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
  bytes.append(reinterpret_cast<const char*>(values.data()), count * sizeof(Value));
}

template <class Value>
void take(std::string_view& bytes, std::vector<Value>& values) {
  std::size_t count = 0;
  std::memcpy(&count, bytes.data(), sizeof count);
  values.resize(count);
  if (count > 0)
    std::memcpy(static_cast<void*>(values.data()), bytes.data() + sizeof count, count * sizeof(Value));
  bytes.remove_prefix(sizeof count + count * sizeof(Value));
}

}  // namespace

SceneMesh read_mesh(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) {
    throw Error(file.string() + ": want a mesh file, found nothing there: correct the path in the URDF");
  }
  if (!is_known(format_of(file))) {
    throw Error(file.string() + ": want a mesh as STL, OBJ or DAE, found '" + file.extension().string() +
                "': convert it");
  }
  const std::uintmax_t size = std::filesystem::file_size(file);
  if (size > kMostBytes) {
    throw Error(file.string() + ": want a mesh of at most 256 MiB, found " + std::to_string(size >> 20) +
                " MiB: simplify it");
  }
  // Assimp crashes on some bytes and never ends on others; a sound mesh takes less than a second for a megabyte.
  const GuardLimits limits{.seconds = 8 + static_cast<int>(size >> 20)};
  const std::string bytes = read_guarded(
      file.string(),
      [&] {
        const SceneMesh mesh = import_mesh(file);
        std::string packed;
        put(packed, mesh.positions);
        put(packed, mesh.normals);
        put(packed, mesh.indices);
        return packed;
      },
      limits);
  SceneMesh mesh;
  std::string_view rest = bytes;
  take(rest, mesh.positions);
  take(rest, mesh.normals);
  take(rest, mesh.indices);
  return mesh;
}

}  // namespace understudy
