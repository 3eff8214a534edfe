#include "tests/support/script_file.h"

#include <torch/script.h>

#include <utility>

#include "bc/libtorch/tensor_batch.h"

namespace understudy::tests {
namespace {

class FileActor : public Actor {
 public:
  explicit FileActor(torch::jit::Module module) : module_(std::move(module)) { module_.eval(); }

  void reset(int /*row*/, std::uint64_t /*seed*/) override {
    if (const auto method = module_.find_method("reset")) (*method)({});
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const at::Tensor result = module_.forward({to_tensor(observations)}).toTensor();
    actions = to_matrix(result, static_cast<int>(actions.rows()), static_cast<int>(actions.cols()), "file");
  }

 private:
  torch::jit::Module module_;
};

}  // namespace

std::unique_ptr<Actor> script_in_file(const std::filesystem::path& file) {
  return std::make_unique<FileActor>(torch::jit::load(file.string(), torch::kCPU));
}

}  // namespace understudy::tests
