// Generators of adapted pictures as TorchScript archives. Nothing here loads one.

#include <torch/script.h>

#include <sstream>

#include "bc/adaptation/generator_file.h"
#include "bc/libtorch/script_error.h"

namespace understudy {

extern "C" void understudy_libtorch_generator(const std::vector<ScriptTensor>& tensors,
                                              const std::string& source, const std::string& json,
                                              std::string& archive) {
  std::ostringstream stream;
  guarded_script("generator", [&] {
    torch::jit::Module module("__torch__.UnderstudyGenerator");
    for (const ScriptTensor& tensor : tensors) {
      module.register_parameter(
          tensor.name, torch::from_blob(const_cast<float*>(tensor.values), tensor.shape, at::kFloat).clone(),
          false);
    }
    module.define(source);
    module.eval();
    module.save(stream, {{"understudy.json", json}});
  });
  archive = stream.str();
}

}  // namespace understudy
