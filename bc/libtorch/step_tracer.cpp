#include "bc/libtorch/step_tracer.h"

#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>

#include <utility>

#include "datasets/types/error.h"

namespace understudy {
namespace {

GraphType type_of(at::ScalarType type) {
  if (type == at::kFloat) return GraphType::kFloat;
  if (type == at::kLong) return GraphType::kInteger;
  if (type == at::kBool) return GraphType::kBoolean;
  throw Error(std::string("export: want tensors of float32, int64 or bool, found ") + at::toString(type));
}

/// Whether the result follows from sizes alone, which are known.
bool of_sizes(const std::string& kind) {
  return kind == "aten::size" || kind == "aten::numel" || kind == "aten::dim" || kind == "aten::len" ||
         kind == "prim::dtype" || kind == "prim::device" || kind == "prim::layout";
}

/// Parts of a list or tuple.
std::vector<Traced> parts_of(const Traced& traced) {
  if (!traced.parts.empty()) return traced.parts;
  std::vector<Traced> parts;
  const auto elements =
      traced.value.isTuple() ? traced.value.toTupleRef().elements().vec() : traced.value.toListRef().vec();
  for (const c10::IValue& element : elements) parts.push_back({.value = element});
  return parts;
}

}  // namespace

bool Traced::depends() const {
  if (id >= 0) return true;
  for (const Traced& part : parts)
    if (part.depends()) return true;
  return false;
}

StepTracer::StepTracer(const torch::jit::Module& module, StepGraph& graph)
    : graph_(graph), into_(&graph.body), module_(module) {
  for (const auto& parameter : module.named_parameters(false))
    names_[parameter.value.unsafeGetTensorImpl()] = parameter.name;
  for (const auto& buffer : module.named_buffers(false))
    names_[buffer.value.unsafeGetTensorImpl()] = buffer.name;
}

int StepTracer::new_value(GraphValue value) {
  graph_.values.push_back(std::move(value));
  return static_cast<int>(graph_.values.size()) - 1;
}

int StepTracer::constant(const at::Tensor& tensor) {
  const auto known = constants_.find(tensor.unsafeGetTensorImpl());
  if (known != constants_.end()) return known->second;
  GraphValue value{.type = type_of(tensor.scalar_type()), .shape = tensor.sizes().vec(), .constant = true};
  const auto named = names_.find(tensor.unsafeGetTensorImpl());
  value.name = named != names_.end() ? named->second : "constant_" + std::to_string(graph_.values.size());
  const at::Tensor flat = tensor.contiguous();
  if (value.type == GraphType::kFloat) {
    value.floats.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  } else {
    const at::Tensor whole = flat.to(at::kLong);
    value.integers.assign(whole.data_ptr<std::int64_t>(), whole.data_ptr<std::int64_t>() + whole.numel());
  }
  kept_.push_back(tensor);
  return constants_[tensor.unsafeGetTensorImpl()] = new_value(std::move(value));
}

int StepTracer::integers(const std::vector<std::int64_t>& values) {
  return constant(torch::tensor(values, at::kLong));
}

int StepTracer::scalar(double value) {
  return constant(torch::tensor(value, at::kFloat));
}

int StepTracer::number_of(const Traced& traced) {
  if (traced.id >= 0) return traced.id;
  if (traced.value.isTensor()) {
    const at::Tensor& tensor = traced.value.toTensor();
    return constant(tensor.scalar_type() == at::kDouble ? tensor.to(at::kFloat) : tensor);
  }
  if (traced.value.isDouble()) return scalar(traced.value.toDouble());
  if (traced.value.isInt()) return constant(torch::tensor(traced.value.toInt(), at::kLong));
  if (traced.value.isBool()) return constant(torch::tensor(traced.value.toBool(), at::kBool));
  throw Error("export: want a tensor or a number, found " + traced.value.tagKind());
}

int StepTracer::number_of(const Traced& traced, at::ScalarType type) {
  if (traced.id < 0) {
    const at::Tensor tensor = traced.value.isTensor()
                                  ? traced.value.toTensor()
                                  : at::scalar_tensor(traced.value.toScalar(), at::kDouble);
    return constant(tensor.scalar_type() == type ? tensor : tensor.to(type));
  }
  const GraphType wanted = type_of(type);
  if (value(traced.id).type == wanted) return traced.id;
  GraphNode cast{.op = "Cast", .inputs = {traced.id}};
  cast.integer["to"] = wanted == GraphType::kFloat ? 1 : wanted == GraphType::kInteger ? 7 : 9;
  return add(std::move(cast), wanted, value(traced.id).shape);
}

int StepTracer::add(GraphNode node, GraphType type, std::vector<std::int64_t> shape) {
  const int id = new_value(
      {.name = "value_" + std::to_string(graph_.values.size()), .type = type, .shape = std::move(shape)});
  node.outputs = {id};
  into_->nodes.push_back(std::move(node));
  return id;
}

int StepTracer::add(const std::string& op, std::vector<int> inputs, const at::Tensor& like) {
  return add(GraphNode{.op = op, .inputs = std::move(inputs)}, type_of(like.scalar_type()),
             like.sizes().vec());
}

std::vector<Traced> StepTracer::block(const torch::jit::Block& block, Environment& environment) {
  for (const torch::jit::Node* one : block.nodes()) node(*one, environment);
  std::vector<Traced> outputs;
  for (const torch::jit::Value* output : block.outputs()) outputs.push_back(environment.at(output));
  return outputs;
}

void StepTracer::branch(const torch::jit::Node& node, const Traced& condition, Environment& environment) {
  if (!condition.depends()) {
    const auto outputs = block(*node.blocks()[condition.value.toBool() ? 0 : 1], environment);
    for (std::size_t i = 0; i < outputs.size(); ++i) environment[node.outputs()[i]] = outputs[i];
    return;
  }
  GraphNode choice{.op = "If"};
  choice.inputs = {
      add(GraphNode{.op = "Reshape", .inputs = {condition.id, integers({})}}, GraphType::kBoolean, {})};
  GraphBlock* const outside = into_;
  std::vector<Traced> results;
  for (int side = 0; side < 2; ++side) {
    choice.branches.emplace_back();
    into_ = &choice.branches.back();
    Environment inside = environment;
    results = block(*node.blocks()[static_cast<std::size_t>(side)], inside);
    for (const Traced& result : results) {
      // A branch's output has to be made in it.
      const int id = number_of(result);
      into_->outputs.push_back(
          add(GraphNode{.op = "Identity", .inputs = {id}}, value(id).type, value(id).shape));
    }
  }
  into_ = outside;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const GraphValue like = value(choice.branches[0].outputs[i]);
    if (value(choice.branches[1].outputs[i]).shape != like.shape)
      throw Error("export: want branches of an if that give the same sizes, found others");
    const int id = new_value(
        {.name = "value_" + std::to_string(graph_.values.size()), .type = like.type, .shape = like.shape});
    choice.outputs.push_back(id);
    environment[node.outputs()[i]] = {.value = results[i].value, .id = id};
  }
  into_->nodes.push_back(std::move(choice));
}

void StepTracer::loop(const torch::jit::Node& node, std::vector<Traced> inputs, Environment& environment) {
  const std::int64_t most = inputs[0].value.toInt();
  Traced going = inputs[1];
  std::vector<Traced> carried(inputs.begin() + 2, inputs.end());
  const torch::jit::Block& body = *node.blocks()[0];
  for (std::int64_t i = 0; i < most; ++i) {
    if (going.depends())
      throw Error("export: want loops of a known length, found one that depends on numbers");
    if (!going.value.toBool()) break;
    environment[body.inputs()[0]] = {.value = i};
    for (std::size_t j = 0; j < carried.size(); ++j) environment[body.inputs()[j + 1]] = carried[j];
    std::vector<Traced> outputs = block(body, environment);
    going = outputs[0];
    carried.assign(outputs.begin() + 1, outputs.end());
  }
  for (std::size_t j = 0; j < carried.size(); ++j) environment[node.outputs()[j]] = carried[j];
}

void StepTracer::node(const torch::jit::Node& node, Environment& environment) {
  const std::string kind = node.kind().toQualString();
  if (kind == "prim::Constant") {
    environment[node.output()] = {.value = torch::jit::toIValue(node.output()).value()};
    return;
  }
  if (kind == "prim::GetAttr") {
    environment[node.output()] = {.value = module_.attr(node.s(c10::attr::name))};
    return;
  }
  std::vector<Traced> inputs;
  bool depends = false;
  for (const torch::jit::Value* input : node.inputs()) {
    inputs.push_back(environment.at(input));
    depends = depends || inputs.back().depends();
  }
  if (kind == "prim::If") return branch(node, inputs[0], environment);
  if (kind == "prim::Loop") return loop(node, std::move(inputs), environment);
  if (kind == "prim::ListUnpack" || kind == "prim::TupleUnpack") {
    const std::vector<Traced> parts = parts_of(inputs[0]);
    for (std::size_t i = 0; i < parts.size(); ++i) environment[node.outputs()[i]] = parts[i];
    return;
  }
  std::vector<c10::IValue> stack;
  for (const Traced& input : inputs) stack.push_back(input.value);
  if (kind == "prim::ListConstruct" || kind == "prim::TupleConstruct") {
    // Its operation wants to know how many there are.
    Traced list;
    if (kind == "prim::TupleConstruct") {
      list.value = c10::ivalue::Tuple::create(stack);
    } else {
      c10::impl::GenericList values(node.output()->type()->expectRef<c10::ListType>().getElementType());
      for (const c10::IValue& element : stack) values.push_back(element);
      list.value = values;
    }
    if (depends) list.parts = inputs;
    environment[node.output()] = list;
    return;
  }
  node.getOperation()(stack);
  if (!depends || of_sizes(kind)) {
    for (std::size_t i = 0; i < stack.size(); ++i) environment[node.outputs()[i]] = {.value = stack[i]};
    return;
  }
  const std::vector<int> results = add_operation(*this, node, inputs, stack);
  for (std::size_t i = 0; i < stack.size(); ++i) {
    Traced& output = environment[node.outputs()[i]];
    output = {.value = stack[i]};
    if (!stack[i].isTensorList()) {
      output.id = results[i];
      continue;
    }
    const auto tensors = stack[i].toTensorVector();
    for (std::size_t j = 0; j < tensors.size(); ++j)
      output.parts.push_back({.value = tensors[j], .id = results[j]});
  }
}

void StepTracer::trace(const std::vector<std::pair<std::string, at::Tensor>>& arguments,
                       const std::vector<std::string>& outputs) {
  const auto graph = module_.get_method("step").graph()->copy();
  torch::jit::Inline(*graph);
  Environment environment;
  environment[graph->inputs()[0]] = {};  // the module
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& [name, tensor] = arguments[i];
    Traced& argument = environment[graph->inputs()[i + 1]];
    argument.value = tensor;
    if (name.empty()) continue;
    argument.id =
        new_value({.name = name, .type = type_of(tensor.scalar_type()), .shape = tensor.sizes().vec()});
    graph_.inputs.push_back(argument.id);
  }
  const std::vector<Traced> results = parts_of(block(*graph->block(), environment).front());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    // An output has to be made by a node, under a name of its own.
    const int id = number_of(results[i], at::kFloat);
    const int output = add(GraphNode{.op = "Identity", .inputs = {id}}, GraphType::kFloat, value(id).shape);
    graph_.values[static_cast<std::size_t>(output)].name = outputs[i];
    graph_.body.outputs.push_back(output);
  }
}

}  // namespace understudy
