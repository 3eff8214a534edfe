// Networks described by TorchScript: their losses with gradients, and their plans.

#include "bc/networks/script_network.h"

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <utility>

#include "bc/libtorch/script_error.h"
#include "bc/networks/libtorch_functions.h"

namespace understudy {
namespace {

/// The same memory as a tensor.
at::Tensor view(const ScriptTensor& tensor) {
  return torch::from_blob(const_cast<float*>(tensor.values), tensor.shape, at::kFloat);
}

/// Computing as the script says, on this thread alone. LibTorch's optimiser would put other code in the place of the
/// script after a call or two, with other bits, and decides so for each thread by itself.
struct Calm {
  Calm() {
    if (at::get_num_threads() != 1) at::set_num_threads(1);
  }
  torch::jit::GraphOptimizerEnabledGuard unoptimised{false};
};

class LibtorchNetwork final : public ScriptNetwork {
 public:
  LibtorchNetwork(std::string kind, const std::string& source, const std::vector<ScriptTensor>& parameters,
                  const std::vector<ScriptTensor>& constants)
      : kind_(std::move(kind)), module_("__torch__.UnderstudyNetwork") {
    guarded_script(kind_, [&] {
      for (const ScriptTensor& parameter : parameters) {
        parameters_.push_back(view(parameter).requires_grad_());
        module_.register_parameter(parameter.name, parameters_.back(), false);
      }
      for (const ScriptTensor& constant : constants) module_.register_buffer(constant.name, view(constant));
      module_.define(source);
    });
  }

  double loss(const std::vector<ScriptTensor>& arguments, double total, double batch, bool train,
              std::uint64_t seed, float* gradient) override {
    return guarded_script(kind_, [&] {
      const Calm calm;
      if (train) torch::manual_seed(seed);
      std::vector<c10::IValue> inputs = values(arguments);
      inputs.insert(inputs.end(), {total, batch, train});
      if (gradient == nullptr) {
        const at::NoGradGuard none;
        return static_cast<double>(module_.get_method("loss")(std::move(inputs)).toTensor().item<float>());
      }
      for (at::Tensor& parameter : parameters_) {
        parameter.mutable_grad() = torch::from_blob(gradient, parameter.sizes(), at::kFloat);
        gradient += parameter.numel();
      }
      const at::Tensor loss = module_.get_method("loss")(std::move(inputs)).toTensor();
      loss.backward();
      return static_cast<double>(loss.item<float>());
    });
  }

  void plan(const std::vector<ScriptTensor>& arguments, std::vector<float>& actions,
            std::vector<float>& state) override {
    guarded_script(kind_, [&] {
      const Calm calm;
      const c10::InferenceMode inference;
      const auto results = module_.get_method("plan")(values(arguments)).toTuple();
      copy(results->elements()[0].toTensor(), actions);
      copy(results->elements()[1].toTensor(), state);
    });
  }

 private:
  static std::vector<c10::IValue> values(const std::vector<ScriptTensor>& arguments) {
    std::vector<c10::IValue> list;
    list.reserve(arguments.size() + 3);
    for (const ScriptTensor& argument : arguments) list.emplace_back(view(argument));
    return list;
  }

  void copy(const at::Tensor& tensor, std::vector<float>& values) const {
    const at::Tensor flat = tensor.contiguous();
    if (flat.numel() != static_cast<std::int64_t>(values.size())) {
      throw Error("TorchScript of a policy of kind " + kind_ + ": want " + std::to_string(values.size()) +
                  " numbers, found " + std::to_string(flat.numel()));
    }
    std::copy_n(flat.data_ptr<float>(), values.size(), values.begin());
  }

  std::string kind_;
  torch::jit::Module module_;
  std::vector<at::Tensor> parameters_;
};

}  // namespace

extern "C" void understudy_libtorch_network(const std::string& kind, const std::string& source,
                                            const std::vector<ScriptTensor>& parameters,
                                            const std::vector<ScriptTensor>& constants,
                                            std::unique_ptr<ScriptNetwork>& network) {
  network = std::make_unique<LibtorchNetwork>(kind, source, parameters, constants);
}

}  // namespace understudy
