// Policies as TorchScript archives, for Python and everybody else.

#include <torch/script.h>
#include <torch/version.h>

#include <sstream>

#include "bc/libtorch/libtorch_functions.h"
#include "bc/libtorch/tensor_batch.h"
#include "bc/policies/policy_file.h"

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
  module.define(script.source);
  module.eval();
  return module;
}

}  // namespace

extern "C" void understudy_libtorch_archive(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                                            const std::string& json, std::string& archive) {
  std::ostringstream stream;
  module_of(policy, tensors).save(stream, {{kPolicyJson, json}});
  archive = stream.str();
}

extern "C" void understudy_libtorch_version(std::string& version) {
  version = TORCH_VERSION;
}

}  // namespace understudy
