// Policies as TorchScript archives, for Python and everybody else; the one source that needs LibTorch to
// write them.

#include <torch/script.h>

#include <cstring>
#include <sstream>

#include "bc/networks/tensor_batch.h"
#include "bc/policies/policy_file.h"
#include "bc/policies/policy_json.h"
#include "bc/policies/policy_tensors.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

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

std::string archive_of(const torch::jit::Module& module, const std::string& json) {
  std::ostringstream archive;
  module.save(archive, {{kPolicyJson, json}});
  return archive.str();
}

/// Throws Error unless the archive holds exactly these tensors.
void want_read_back(std::string_view archive, const std::vector<PolicyTensor>& tensors,
                    const std::string& place) {
  const std::vector<PolicyTensor> found = policy_tensors(policy_from_bytes(archive, place));
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (std::memcmp(found[i].values.data(), tensors[i].values.data(),
                    static_cast<std::size_t>(tensors[i].values.size()) * sizeof(float)) != 0) {
      throw Error(place + ": " + tensors[i].name +
                  ": cannot be read back as it was written; this version of LibTorch writes other archives");
    }
  }
}

}  // namespace

void save_policy(const Policy& policy, const std::filesystem::path& path) {
  const std::string place = path.string();
  check_policy(policy, place);
  const std::vector<PolicyTensor> tensors = policy_tensors(policy);
  const torch::jit::Module module = module_of(policy, tensors);
  // The checksum is worked out over an archive that does not name it yet.
  const std::string blank = archive_of(module, policy_to_json(policy, tensors, blank_sha256()));
  const std::string archive =
      archive_of(module, policy_to_json(policy, tensors, policy_sha256(blank, place)));
  want_read_back(archive, tensors, place);
  durable_write(std::filesystem::absolute(path), archive);
}

}  // namespace understudy
