#pragma once
/// \file A generator in a file of its own: a TorchScript archive, which Python's torch.jit.load runs too ([batch, 3,
/// height, width] in [-1, 1] in and out), with an extra file understudy.json that says what it is. Reading runs no code
/// of the archive and needs no LibTorch; acting with it does.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bc/adaptation/adaptation_networks.h"

namespace understudy {

struct GeneratorFile {
  int channels = 3;      ///< that the network gives; the first three are the picture
  int width = 0;         ///< of the pictures that it was trained on
  int height = 0;        ///< likewise
  std::string camera{};  ///< likewise
  std::string method{};
  std::string sha256{};  ///< of the numbers
  Vector numbers{};
};

/// Throws Error when it cannot be written.
void save_generator(const GeneratorFile& generator, const std::filesystem::path& path);

/// Throws Error naming the file unless it is what save_generator wrote.
GeneratorFile load_generator(const std::filesystem::path& path);

/// Adapts pictures, RGB bytes one after the other.
class Generator {
 public:
  explicit Generator(GeneratorFile file);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  void adapt(const std::vector<std::uint8_t>& pictures, std::vector<std::uint8_t>& adapted) const;
  const GeneratorFile& file() const { return file_; }

 private:
  GeneratorFile file_;
  AdaptationPart part_;
  std::unique_ptr<ScriptNetwork> network_;
};

extern "C" {
/// In bc/libtorch: the TorchScript archive of these tensors and methods, `json` being its understudy.json.
void understudy_libtorch_generator(const std::vector<ScriptTensor>& tensors, const std::string& source,
                                   const std::string& json, std::string& archive);
}

}  // namespace understudy
