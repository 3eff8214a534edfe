// Policies as TorchScript: as archives, for Python and everybody else, and as actors. Nothing here loads an archive.

#include <torch/script.h>
#include <torch/version.h>

#include <sstream>

#include "bc/libtorch/script_error.h"
#include "bc/libtorch/tensor_batch.h"
#include "bc/networks/libtorch_functions.h"
#include "bc/policies/policy_file.h"
#include "bc/policies/policy_tensors.h"
#include "envs/contract/actor.h"

namespace understudy {
namespace {

torch::jit::Module module_of(const Policy& policy, const std::vector<PolicyTensor>& tensors) {
  torch::jit::Module module("__torch__.UnderstudyPolicy");
  for (const PolicyTensor& tensor : tensors) {
    const at::Tensor values = vector_to_tensor(tensor.values).reshape(tensor.shape);
    if (tensor.name == "mean" || tensor.name == "scale") {
      module.register_buffer(tensor.name, values);
    } else {
      module.register_parameter(tensor.name, values, false);
    }
  }
  const PolicyScript script = policy.network->script(policy);
  for (const auto& [attribute, tensor] : script.state) {
    module.register_buffer(attribute, module.attr(tensor).toTensor());
  }
  for (const PolicyTensor& buffer : script.buffers) {
    module.register_buffer(buffer.name, vector_to_tensor(buffer.values).reshape(buffer.shape));
  }
  module.define(script.source);
  module.eval();
  return module;
}

class ScriptActor : public Actor {
 public:
  explicit ScriptActor(const Policy& policy)
      : kind_(policy.network->kind()),
        module_(guarded_script(kind_, [&] { return module_of(policy, policy_tensors(policy)); })) {}

  void reset(int /*row*/, std::uint64_t /*seed*/) override {
    guarded_script(kind_, [&] {
      if (const auto method = module_.find_method("reset")) (*method)({});
    });
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const c10::InferenceMode inference;
    const at::Tensor result =
        guarded_script(kind_, [&] { return module_.forward({to_tensor(observations)}).toTensor(); });
    actions =
        to_matrix(result, static_cast<int>(actions.rows()), static_cast<int>(actions.cols()), "TorchScript");
  }

 private:
  std::string kind_;
  torch::jit::Module module_;
};

}  // namespace

extern "C" void understudy_libtorch_archive(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                                            const std::string& json, std::string& archive) {
  std::ostringstream stream;
  guarded_script(policy.network->kind(), [&] {
    module_of(policy, tensors).save(stream, {{kPolicyJson, json}});
  });
  archive = stream.str();
}

extern "C" void understudy_libtorch_exported(const Policy& policy, const std::string& step,
                                             std::string& archive) {
  std::ostringstream stream;
  guarded_script(policy.network->kind(), [&] {
    torch::jit::Module module = module_of(policy, policy_tensors(policy));
    if (!step.empty()) module.define(step);
    module.save(stream);
  });
  archive = stream.str();
}

extern "C" void understudy_libtorch_run_exported(const std::string& archive, int state,
                                                 ConstMatrixRef observations, ConstMatrixRef noise,
                                                 MatrixRef actions) {
  guarded_script("exported", [&] {
    const c10::InferenceMode inference;
    // Loading runs the archive's code, which is that of understudy_libtorch_exported() in this process: no file is read.
    std::istringstream stream(archive);
    torch::jit::Module module = torch::jit::load(stream);
    const at::Tensor all = to_tensor(observations), all_noise = to_tensor(noise);
    if (const auto reset = module.find_method("reset")) (*reset)({});
    at::Tensor kept = at::zeros({1, std::max(1, state)});
    for (std::int64_t i = 0; i < all.size(0); ++i) {
      const at::Tensor observation = all.narrow(0, i, 1);
      at::Tensor action;
      if (state < 0) {
        action = module.forward({observation}).toTensor();
      } else {
        const auto results =
            module.get_method("step")({observation, kept, all_noise.narrow(0, i, 1)}).toTuple();
        action = results->elements()[0].toTensor();
        kept = results->elements()[1].toTensor();
      }
      actions.row(i) = to_matrix(action, 1, static_cast<int>(actions.cols()), "TorchScript").row(0);
    }
  });
}

extern "C" void understudy_libtorch_actor(const Policy& policy, std::unique_ptr<Actor>& actor) {
  actor = std::make_unique<ScriptActor>(policy);
}

extern "C" void understudy_libtorch_version(std::string& version) {
  version = TORCH_VERSION;
}

}  // namespace understudy
