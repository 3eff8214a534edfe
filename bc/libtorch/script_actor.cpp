#include <torch/script.h>

#include "bc/libtorch/libtorch_functions.h"
#include "bc/libtorch/tensor_batch.h"
#include "datasets/types/error.h"
#include "envs/contract/actor.h"

namespace understudy {
namespace {

class ScriptActor : public Actor {
 public:
  explicit ScriptActor(torch::jit::Module module) : module_(std::move(module)) { module_.eval(); }

  void reset(int /*row*/, std::uint64_t /*seed*/) override {
    if (const auto method = module_.find_method("reset")) (*method)({});
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const c10::InferenceMode inference;
    const at::Tensor result = module_.forward({to_tensor(observations)}).toTensor();
    actions =
        to_matrix(result, static_cast<int>(actions.rows()), static_cast<int>(actions.cols()), "TorchScript");
  }

 private:
  torch::jit::Module module_;
};

}  // namespace

extern "C" void understudy_libtorch_actor(const std::filesystem::path& path, std::unique_ptr<Actor>& actor) {
  try {
    actor = std::make_unique<ScriptActor>(torch::jit::load(path.string(), torch::kCPU));
  } catch (const c10::Error&) {
    throw Error(path.string() + ": cannot be read as a TorchScript archive");
  }
}

}  // namespace understudy
