#pragma once
/// \file TorchScript to a graph of ONNX operators: the script is run on an example, with all sizes known, and what
/// depends on the inputs is written down. Loops are unrolled, and an `if` over numbers becomes an If.

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bc/exports/step_graph.h"

namespace torch::jit {
struct Module;
}

namespace understudy {

/// A value of the script in the example, and where it is in the graph.
struct Traced {
  c10::IValue value{};
  int id = -1;                  ///< in the graph; -1: the same whatever the inputs
  std::vector<Traced> parts{};  ///< of a list or tuple that depends on the inputs

  bool depends() const;
};

class StepTracer {
 public:
  /// `names` are those of the module's tensors.
  StepTracer(const torch::jit::Module& module, StepGraph& graph);

  /// Fills the graph with the module's method `step`, whose arguments are these examples; those without a name are no
  /// inputs. `outputs`: names of the first of its results.
  void trace(const std::vector<std::pair<std::string, at::Tensor>>& arguments,
             const std::vector<std::string>& outputs);

  // For the operators (onnx_operators.cpp).

  /// The graph's number of a tensor or a scalar, cast to `type` where it has another.
  int number_of(const Traced& traced, at::ScalarType type);
  int number_of(const Traced& traced);
  int integers(const std::vector<std::int64_t>& values);  ///< a constant [n]
  int scalar(double value);                               ///< a constant [], kFloat
  /// Adds a node that gives a tensor of this type and shape.
  int add(GraphNode node, GraphType type, std::vector<std::int64_t> shape);
  int add(const std::string& op, std::vector<int> inputs, const at::Tensor& like);
  const GraphValue& value(int id) const { return graph_.values[static_cast<std::size_t>(id)]; }

 private:
  using Environment = std::unordered_map<const torch::jit::Value*, Traced>;

  std::vector<Traced> block(const torch::jit::Block& block, Environment& environment);
  void node(const torch::jit::Node& node, Environment& environment);
  void branch(const torch::jit::Node& node, const Traced& condition, Environment& environment);
  void loop(const torch::jit::Node& node, std::vector<Traced> inputs, Environment& environment);
  int constant(const at::Tensor& tensor);
  int new_value(GraphValue value);

  StepGraph& graph_;
  GraphBlock* into_;  ///< where nodes are added
  const torch::jit::Module& module_;
  std::unordered_map<const void*, int> constants_;  ///< of tensors in use
  std::vector<at::Tensor> kept_;                    ///< so that no other takes a constant's place
  std::unordered_map<const void*, std::string> names_;
};

/// Adds what operation `node` of the script does to tensors: numbers of its results, whose example values are given.
/// Throws Error that names an operation for which there is nothing here.
std::vector<int> add_operation(StepTracer& tracer, const torch::jit::Node& node,
                               const std::vector<Traced>& inputs, const std::vector<c10::IValue>& outputs);

}  // namespace understudy
