#pragma once
/// \file A network described by TorchScript (bc/designs/design.h), computed by LibTorch.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace understudy {

/// Numbers for a tensor, float32, the last index running fastest.
struct ScriptTensor {
  std::string name{};  ///< of a parameter; of an argument: none
  std::vector<std::int64_t> shape{};
  const float* values = nullptr;
};

/// Not thread-safe; several over the same numbers are independent of each other.
class ScriptNetwork {
 public:
  ScriptNetwork() = default;
  ScriptNetwork(const ScriptNetwork&) = delete;
  ScriptNetwork& operator=(const ScriptNetwork&) = delete;
  virtual ~ScriptNetwork() = default;

  /// `loss(arguments..., total, batch, train)`. Unless `gradient` is null, adds there what it is by the parameters,
  /// one after the other. Dropout draws from `seed`, and from LibTorch's one generator: then only one network may be
  /// at work. Throws Error when the script fails.
  virtual double loss(const std::vector<ScriptTensor>& arguments, double total, double batch, bool train,
                      std::uint64_t seed, float* gradient) = 0;

  /// `plan(arguments...)`: writes its two results. Throws Error when the script fails, or gives other sizes.
  virtual void plan(const std::vector<ScriptTensor>& arguments, std::vector<float>& actions,
                    std::vector<float>& state) = 0;
};

/// `parameters` are trained where they lie, and `constants` are not; the values of both must outlive the network.
/// `kind` names it in messages. Throws Error when LibTorch cannot be loaded or does not take the source.
std::unique_ptr<ScriptNetwork> make_script_network(const std::string& kind, const std::string& source,
                                                   const std::vector<ScriptTensor>& parameters,
                                                   const std::vector<ScriptTensor>& constants);

}  // namespace understudy
