// Policies as graphs of ONNX operators, and running such graphs.

#include <torch/script.h>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bc/exports/policy_step.h"
#include "bc/libtorch/script_error.h"
#include "bc/libtorch/step_tracer.h"
#include "bc/libtorch/tensor_batch.h"
#include "bc/networks/libtorch_functions.h"
#include "bc/policies/policy_tensors.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// A node with its tensors at hand: ONNX's operators as LibTorch computes them.
class Call {
 public:
  Call(const GraphNode& node, const std::vector<std::optional<at::Tensor>>& values)
      : node_(node), values_(values) {}

  const at::Tensor& x(std::size_t i = 0) const {
    return *values_[static_cast<std::size_t>(node_.inputs.at(i))];
  }
  bool has(std::size_t i) const { return i < node_.inputs.size(); }
  std::vector<std::int64_t> list(std::size_t i) const {
    const at::Tensor flat = x(i).contiguous();
    return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
  }
  std::int64_t integer(const char* name, std::int64_t otherwise) const {
    const auto found = node_.integer.find(name);
    return found == node_.integer.end() ? otherwise : found->second;
  }
  std::vector<std::int64_t> integers(const char* name) const { return node_.integers.at(name); }
  double number(const char* name) const { return static_cast<double>(node_.number.at(name)); }
  /// The first half: LibTorch's padding is the same on both sides.
  std::vector<std::int64_t> pads() const {
    std::vector<std::int64_t> pads = integers("pads");
    pads.resize(pads.size() / 2);
    return pads;
  }
  at::Tensor bias() const { return has(2) ? x(2) : at::Tensor(); }

 private:
  const GraphNode& node_;
  const std::vector<std::optional<at::Tensor>>& values_;
};

at::Tensor slice(const Call& c) {
  at::Tensor x = c.x();
  const auto from = c.list(1), to = c.list(2), axes = c.list(3), steps = c.list(4);
  for (std::size_t i = 0; i < axes.size(); ++i) x = x.slice(axes[i], from[i], to[i], steps[i]);
  return x;
}

at::Tensor instance_normalised(const Call& c) {
  std::vector<std::int64_t> sides;
  for (std::int64_t i = 2; i < c.x().dim(); ++i) sides.push_back(i);
  std::vector<std::int64_t> shape(static_cast<std::size_t>(c.x().dim()), 1);
  shape[1] = -1;
  const at::Tensor error = c.x() - c.x().mean(sides, true);
  const at::Tensor variance = error.square().mean(sides, true);
  return error / (variance + c.number("epsilon")).sqrt() * c.x(1).reshape(shape) + c.x(2).reshape(shape);
}

using Function = std::function<at::Tensor(const Call&)>;

const std::unordered_map<std::string, Function>& functions() {
  static const std::unordered_map<std::string, Function> table{
      {"Identity", [](const Call& c) { return c.x(); }},
      {"Add", [](const Call& c) { return c.x() + c.x(1); }},
      {"Sub", [](const Call& c) { return c.x() - c.x(1); }},
      {"Mul", [](const Call& c) { return c.x() * c.x(1); }},
      {"Div", [](const Call& c) { return c.x() / c.x(1); }},
      {"Max", [](const Call& c) { return at::maximum(c.x(), c.x(1)); }},
      {"Min", [](const Call& c) { return at::minimum(c.x(), c.x(1)); }},
      {"Less", [](const Call& c) { return c.x() < c.x(1); }},
      {"LessOrEqual", [](const Call& c) { return c.x() <= c.x(1); }},
      {"Greater", [](const Call& c) { return c.x() > c.x(1); }},
      {"GreaterOrEqual", [](const Call& c) { return c.x() >= c.x(1); }},
      {"Equal", [](const Call& c) { return c.x() == c.x(1); }},
      {"Where", [](const Call& c) { return at::where(c.x(), c.x(1), c.x(2)); }},
      {"Neg", [](const Call& c) { return -c.x(); }},
      {"Exp", [](const Call& c) { return c.x().exp(); }},
      {"Log", [](const Call& c) { return c.x().log(); }},
      {"Sqrt", [](const Call& c) { return c.x().sqrt(); }},
      {"Abs", [](const Call& c) { return c.x().abs(); }},
      {"Floor", [](const Call& c) { return c.x().floor(); }},
      {"Sin", [](const Call& c) { return c.x().sin(); }},
      {"Cos", [](const Call& c) { return c.x().cos(); }},
      {"Erf", [](const Call& c) { return c.x().erf(); }},
      {"Tanh", [](const Call& c) { return c.x().tanh(); }},
      {"Sigmoid", [](const Call& c) { return c.x().sigmoid(); }},
      {"Relu", [](const Call& c) { return c.x().relu(); }},
      {"Softplus", [](const Call& c) { return at::softplus(c.x()); }},
      {"Cast",
       [](const Call& c) {
         const std::int64_t to = c.integer("to", 0);
         return c.x().to(to == 1 ? at::kFloat : to == 7 ? at::kLong : at::kBool);
       }},
      {"Gemm",
       [](const Call& c) {
         const at::Tensor product = c.x().matmul(c.integer("transB", 0) != 0 ? c.x(1).t() : c.x(1));
         return c.has(2) ? product + c.x(2) : product;
       }},
      {"MatMul", [](const Call& c) { return c.x().matmul(c.x(1)); }},
      {"Conv",
       [](const Call& c) {
         return at::convolution(c.x(), c.x(1), c.bias(), c.integers("strides"), c.pads(),
                                c.integers("dilations"), false, std::vector<std::int64_t>(c.pads().size(), 0),
                                c.integer("group", 1));
       }},
      {"ConvTranspose",
       [](const Call& c) {
         return at::convolution(c.x(), c.x(1), c.bias(), c.integers("strides"), c.pads(),
                                c.integers("dilations"), true, c.integers("output_padding"),
                                c.integer("group", 1));
       }},
      {"MaxPool",
       [](const Call& c) {
         return at::max_pool2d(c.x(), c.integers("kernel_shape"), c.integers("strides"), c.pads());
       }},
      {"LayerNormalization",
       [](const Call& c) {
         return at::layer_norm(c.x(), {c.x().size(-1)}, c.x(1), c.x(2), c.number("epsilon"));
       }},
      {"InstanceNormalization", instance_normalised},
      {"Softmax", [](const Call& c) { return at::softmax(c.x(), c.integer("axis", -1)); }},
      {"CumSum", [](const Call& c) { return c.x().cumsum(c.x(1).item<std::int64_t>()); }},
      {"ReduceSum", [](const Call& c) { return c.x().sum(c.list(1), c.integer("keepdims", 1) != 0); }},
      {"ReduceMean",
       [](const Call& c) { return c.x().mean(c.integers("axes"), c.integer("keepdims", 1) != 0); }},
      {"GatherElements", [](const Call& c) { return c.x().gather(c.integer("axis", 0), c.x(1)); }},
      {"Concat",
       [](const Call& c) {
         std::vector<at::Tensor> parts;
         for (std::size_t i = 0; c.has(i); ++i) parts.push_back(c.x(i));
         return at::cat(parts, c.integer("axis", 0));
       }},
      {"Slice", slice},
      {"Transpose", [](const Call& c) { return c.x().permute(c.integers("perm")); }},
      {"Expand", [](const Call& c) { return c.x().expand(c.list(1)); }},
      {"Reshape", [](const Call& c) { return c.x().reshape(c.list(1)); }},
  };
  return table;
}

void run_block(const GraphBlock& block, std::vector<std::optional<at::Tensor>>& values) {
  for (const GraphNode& node : block.nodes) {
    if (node.op == "If") {
      const bool first = values[static_cast<std::size_t>(node.inputs.at(0))]->item<bool>();
      const GraphBlock& branch = node.branches.at(first ? 0 : 1);
      run_block(branch, values);
      for (std::size_t i = 0; i < node.outputs.size(); ++i)
        values[static_cast<std::size_t>(node.outputs[i])] =
            values[static_cast<std::size_t>(branch.outputs.at(i))];
      continue;
    }
    const auto found = functions().find(node.op);
    if (found == functions().end()) throw Error("ONNX operator " + node.op + ": is not known here");
    values[static_cast<std::size_t>(node.outputs.at(0))] = found->second(Call(node, values));
  }
}

std::vector<std::optional<at::Tensor>> constants_of(const StepGraph& graph) {
  std::vector<std::optional<at::Tensor>> values(graph.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const GraphValue& value = graph.values[i];
    if (!value.constant) continue;
    values[i] = (value.type == GraphType::kFloat ? torch::tensor(value.floats, at::kFloat)
                                                 : torch::tensor(value.integers, at::kLong))
                    .reshape(value.shape);
    if (value.type == GraphType::kBoolean) values[i] = values[i]->to(at::kBool);
  }
  return values;
}

}  // namespace

extern "C" void understudy_libtorch_graph(const Policy& policy, const PolicyStep& step, StepGraph& graph) {
  guarded_script(policy.network->kind(), [&] {
    const c10::InferenceMode inference;
    torch::jit::Module module("__torch__.UnderstudyStep");
    for (const PolicyTensor& tensor : policy_tensors(policy))
      module.register_buffer(tensor.name, vector_to_tensor(tensor.values).reshape(tensor.shape));
    module.define(step.methods);
    module.define(step.step);
    const auto input = [](const char* name, int size) {
      return std::pair<std::string, at::Tensor>{size > 0 ? name : "", at::zeros({1, std::max(1, size)})};
    };
    std::vector<std::string> outputs{"action"};
    if (step.state > 0) outputs.emplace_back("next_state");
    StepTracer(module, graph)
        .trace({input("observation", policy.observation.size()), input("state", step.state),
                input("noise", step.noise)},
               outputs);
  });
}

extern "C" void understudy_libtorch_run_steps(const StepGraph& graph, ConstMatrixRef observations,
                                              ConstMatrixRef noise, MatrixRef actions) {
  const c10::InferenceMode inference;
  std::vector<std::optional<at::Tensor>> values = constants_of(graph);
  const at::Tensor all = to_tensor(observations), all_noise = to_tensor(noise);
  at::Tensor state;
  for (std::int64_t step = 0; step < all.size(0); ++step) {
    for (const int input : graph.inputs) {
      const GraphValue& value = graph.values[static_cast<std::size_t>(input)];
      if (value.name == "state" && !state.defined()) state = at::zeros(value.shape);
      values[static_cast<std::size_t>(input)] =
          value.name == "state" ? state : (value.name == "noise" ? all_noise : all).narrow(0, step, 1);
    }
    run_block(graph.body, values);
    const Matrix action = to_matrix(*values[static_cast<std::size_t>(graph.body.outputs.at(0))], 1,
                                    static_cast<int>(actions.cols()), "ONNX");
    actions.row(step) = action.row(0);
    if (graph.body.outputs.size() > 1) state = *values[static_cast<std::size_t>(graph.body.outputs[1])];
  }
}

}  // namespace understudy
