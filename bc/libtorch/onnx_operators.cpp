// What each operation of TorchScript that policies use is in operators of ONNX, opset 17. Where a size is 1, shapes are
// those of the example.

#include <ATen/Functions.h>

#include <functional>
#include <numbers>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bc/libtorch/step_tracer.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// One operation on its way into the graph.
class Operation {
 public:
  Operation(StepTracer& tracer, const std::vector<Traced>& inputs, const std::vector<c10::IValue>& outputs)
      : tracer_(tracer), inputs_(inputs), outputs_(outputs) {}

  // Arguments.
  const at::Tensor& in() const { return inputs_[0].value.toTensor(); }
  const at::Tensor& out() const { return outputs_[0].toTensor(); }
  at::ScalarType type() const { return out().scalar_type(); }
  const Traced& input(std::size_t i) const { return inputs_[i]; }
  std::int64_t integer(std::size_t i) const { return constant(i).toInt(); }
  std::vector<std::int64_t> list(std::size_t i) const { return constant(i).toIntVector(); }
  bool has(std::size_t i) const { return i < inputs_.size(); }
  bool none(std::size_t i) const { return inputs_[i].value.isNone(); }
  bool flag(std::size_t i) const { return constant(i).toBool(); }
  int x() const { return tracer_.number_of(inputs_[0]); }
  int cast(std::size_t i, at::ScalarType type) const { return tracer_.number_of(inputs_[i], type); }
  std::int64_t axis(std::size_t i) const { return at::maybe_wrap_dim(integer(i), in().dim()); }

  // Pieces.
  int add(const std::string& op, std::vector<int> numbers) const {
    return add(op, std::move(numbers), out());
  }
  int add(const std::string& op, std::vector<int> numbers, const at::Tensor& like) const {
    return tracer_.add(op, std::move(numbers), like);
  }
  int add(GraphNode node) const {
    const auto& like = out();
    return tracer_.add(std::move(node), graph_type(like.scalar_type()), like.sizes().vec());
  }
  int shaped(int number, const at::Tensor& like) const { return shaped(number, like.sizes().vec()); }
  int shaped(int number, const std::vector<std::int64_t>& shape) const {
    if (tracer_.value(number).shape == shape) return number;
    return tracer_.add(GraphNode{.op = "Reshape", .inputs = {number, tracer_.integers(shape)}},
                       tracer_.value(number).type, shape);
  }
  int slice(std::int64_t axis, std::int64_t from, std::int64_t to, std::int64_t step,
            const at::Tensor& like) const {
    return add("Slice",
               {x(), tracer_.integers({from}), tracer_.integers({to}), tracer_.integers({axis}),
                tracer_.integers({step})},
               like);
  }
  int binary(const std::string& op, at::ScalarType type) const {
    return add(op, {cast(0, type), cast(1, type)});
  }
  /// x * factor, of floats.
  int scaled(int number, double factor, const at::Tensor& like) const {
    return add("Mul", {number, tracer_.scalar(factor)}, like);
  }
  int reduced(const std::string& op, int number, std::vector<std::int64_t> axes, bool keep,
              const at::Tensor& like) const {
    GraphNode node{.op = op, .inputs = {number}};
    node.integer["keepdims"] = keep ? 1 : 0;
    if (op == "ReduceSum") {
      node.inputs.push_back(tracer_.integers(axes));
    } else {
      node.integers["axes"] = axes;
    }
    return tracer_.add(std::move(node), graph_type(like.scalar_type()), like.sizes().vec());
  }
  /// Axes that argument `i` names; none: all.
  std::vector<std::int64_t> axes(std::size_t i) const {
    std::vector<std::int64_t> axes;
    if (!none(i)) axes = list(i);
    if (axes.empty())
      for (std::int64_t axis = 0; axis < in().dim(); ++axis) axes.push_back(axis);
    for (std::int64_t& axis : axes) axis = at::maybe_wrap_dim(axis, in().dim());
    return axes;
  }
  int transposed(std::vector<std::int64_t> order) const {
    GraphNode node{.op = "Transpose", .inputs = {x()}};
    node.integers["perm"] = std::move(order);
    return add(std::move(node));
  }
  /// rows [n, in] by weight [out, in], plus bias.
  int gemm(int rows, std::size_t weight, int bias, const at::Tensor& like) const {
    GraphNode node{.op = "Gemm", .inputs = {rows, tracer_.number_of(inputs_[weight])}};
    if (bias >= 0) node.inputs.push_back(bias);
    node.integer["transB"] = 1;
    return tracer_.add(std::move(node), GraphType::kFloat, like.sizes().vec());
  }
  int convolution(const std::string& op, std::size_t groups, std::size_t dilation, bool transposed) const {
    GraphNode node{.op = op, .inputs = {x(), tracer_.number_of(inputs_[1])}};
    if (!none(2)) node.inputs.push_back(tracer_.number_of(inputs_[2]));
    const auto spread = [&](std::size_t i) {
      std::vector<std::int64_t> sides = list(i);
      sides.resize(static_cast<std::size_t>(in().dim() - 2), sides.front());
      return sides;
    };
    node.integers["strides"] = spread(3);
    std::vector<std::int64_t> pads = spread(4);
    const std::vector<std::int64_t> ends = pads;
    pads.insert(pads.end(), ends.begin(), ends.end());
    node.integers["pads"] = pads;
    node.integers["dilations"] = spread(dilation);
    node.integer["group"] = integer(groups);
    if (transposed) node.integers["output_padding"] = spread(5);
    return add(std::move(node));
  }

  StepTracer& tracer() const { return tracer_; }

 private:
  static GraphType graph_type(at::ScalarType type) {
    return type == at::kFloat  ? GraphType::kFloat
           : type == at::kLong ? GraphType::kInteger
                               : GraphType::kBoolean;
  }
  const c10::IValue& constant(std::size_t i) const {
    if (inputs_[i].depends())
      throw Error("export: want sizes and places that are known, found one that depends on numbers");
    return inputs_[i].value;
  }

  StepTracer& tracer_;
  const std::vector<Traced>& inputs_;
  const std::vector<c10::IValue>& outputs_;
};

using Lowering = std::function<int(const Operation&)>;

Lowering unary(const std::string& op) {
  return [op](const Operation& o) { return o.add(op, {o.x()}); };
}
Lowering arithmetic(const std::string& op) {
  return [op](const Operation& o) { return o.binary(op, o.type()); };
}
/// With a factor of the second argument as the third.
Lowering sum(const std::string& op) {
  return [op](const Operation& o) {
    if (o.input(2).value.toScalar().toDouble() != 1)
      throw Error("export: want a sum without a factor, found one with");
    return o.binary(op, o.type());
  };
}
Lowering comparison(const std::string& op) {
  return [op](const Operation& o) {
    const c10::IValue& other = o.input(1).value;
    const bool real = o.in().is_floating_point() || other.isDouble() ||
                      (other.isTensor() && other.toTensor().is_floating_point());
    return o.binary(op, real ? at::kFloat : at::kLong);
  };
}
int same(const Operation& o) {
  return o.x();
}
int reshaped(const Operation& o) {
  return o.shaped(o.x(), o.out());
}
int sliced(const Operation& o, std::int64_t axis, std::int64_t from, std::int64_t to, std::int64_t step) {
  return from == 0 && to == o.in().size(axis) && step == 1 ? o.x() : o.slice(axis, from, to, step, o.out());
}
int linear(const Operation& o) {
  const std::int64_t in = o.in().size(-1), rows = o.in().numel() / in;
  const at::Tensor flat = o.out().reshape({rows, -1});
  const int bias = o.none(2) ? -1 : o.tracer().number_of(o.input(2));
  return o.shaped(o.gemm(o.shaped(o.x(), {rows, in}), 1, bias, flat), o.out());
}
/// bias + weight @ vector
int addmv(const Operation& o) {
  const Traced& vector = o.input(2);
  const std::int64_t in = vector.value.toTensor().numel();
  const int rows = o.shaped(o.tracer().number_of(vector), {1, in});
  return o.shaped(o.gemm(rows, 1, o.x(), o.out().unsqueeze(0)), o.out());
}
/// x tanh(softplus(x)); the operator of that name is younger.
int mish(const Operation& o) {
  return o.add("Mul", {o.x(), o.add("Tanh", {o.add("Softplus", {o.x()})})});
}
/// Exact: x (1 + erf(x / sqrt 2)) / 2.
int gelu(const Operation& o) {
  if (o.input(1).value.toStringRef() != "none")
    throw Error("export: want gelu as it is, found an approximation of it");
  const int half = o.scaled(o.x(), 0.5, o.out());
  const int share = o.add("Erf", {o.scaled(o.x(), 1 / std::numbers::sqrt2, o.out())});
  return o.add("Mul", {half, o.add("Add", {share, o.tracer().scalar(1)})});
}
int layer_norm(const Operation& o) {
  if (o.list(1).size() != 1) throw Error("export: want layer_norm over the last dimension, found others");
  GraphNode node{.op = "LayerNormalization",
                 .inputs = {o.x(), o.tracer().number_of(o.input(2)), o.tracer().number_of(o.input(3))}};
  node.integer["axis"] = -1;
  node.number["epsilon"] = static_cast<float>(o.input(4).value.toDouble());
  return o.add(std::move(node));
}
/// Each group of channels as one instance, then scale and shift; the operator of that name is younger.
int group_norm(const Operation& o) {
  const std::int64_t groups = o.integer(1), samples = o.in().size(0), channels = o.in().size(1);
  const at::Tensor grouped = o.in().reshape({samples, groups, -1});
  const int one = o.tracer().number_of({.value = at::ones({groups})});
  const int zero = o.tracer().number_of({.value = at::zeros({groups})});
  GraphNode node{.op = "InstanceNormalization", .inputs = {o.shaped(o.x(), grouped), one, zero}};
  node.number["epsilon"] = static_cast<float>(o.input(4).value.toDouble());
  const int normal =
      o.shaped(o.tracer().add(std::move(node), GraphType::kFloat, grouped.sizes().vec()), o.out());
  std::vector<std::int64_t> sides(static_cast<std::size_t>(o.in().dim() - 1), 1);
  sides[0] = channels;
  const int scale = o.shaped(o.tracer().number_of(o.input(2)), sides);
  return o.add("Add", {o.add("Mul", {normal, scale}), o.shaped(o.tracer().number_of(o.input(3)), sides)});
}
int softmax(const Operation& o) {
  GraphNode node{.op = "Softmax", .inputs = {o.x()}};
  node.integer["axis"] = o.axis(1);
  return o.add(std::move(node));
}
int clamp(const Operation& o) {
  int number = o.cast(0, o.type());
  if (!o.none(1)) number = o.add("Max", {number, o.cast(1, o.type())});
  if (!o.none(2)) number = o.add("Min", {number, o.cast(2, o.type())});
  return number;
}
int total(const Operation& o, const std::string& op, int number) {
  return o.reduced(op, number, o.axes(1), o.has(2) && o.flag(2), o.out());
}
/// Over given axes, without the bias that dividing by the number of samples has.
int variance(const Operation& o) {
  const std::vector<std::int64_t> axes = o.axes(1);
  const at::Tensor mean = o.in().mean(axes, true);
  const int error = o.add("Sub", {o.x(), o.reduced("ReduceMean", o.x(), axes, true, mean)}, o.in());
  const int sum = o.reduced("ReduceSum", o.add("Mul", {error, error}, o.in()), axes, o.flag(3), o.out());
  const std::int64_t samples = o.in().numel() / mean.numel() - (o.flag(2) ? 1 : 0);
  return o.scaled(sum, 1 / static_cast<double>(samples), o.out());
}
int concatenated(const Operation& o, std::int64_t axis, const std::function<int(std::size_t)>& part,
                 std::size_t count) {
  GraphNode node{.op = "Concat"};
  for (std::size_t i = 0; i < count; ++i) node.inputs.push_back(part(i));
  node.integer["axis"] = at::maybe_wrap_dim(axis, o.out().dim());
  return o.add(std::move(node));
}
Traced part(const Operation& o, std::size_t i) {
  const Traced& list = o.input(0);
  return list.parts.empty() ? Traced{.value = list.value.toListRef()[i]} : list.parts[i];
}
int cat(const Operation& o) {
  const std::size_t count = o.input(0).value.toListRef().size();
  return concatenated(
      o, o.integer(1), [&](std::size_t i) { return o.tracer().number_of(part(o, i), o.type()); }, count);
}
int stack(const Operation& o) {
  const std::size_t count = o.input(0).value.toListRef().size();
  std::vector<std::int64_t> shape = o.out().sizes().vec();
  shape[static_cast<std::size_t>(at::maybe_wrap_dim(o.integer(1), o.out().dim()))] = 1;
  return concatenated(
      o, o.integer(1), [&](std::size_t i) { return o.shaped(o.tracer().number_of(part(o, i)), shape); },
      count);
}
int max_pool(const Operation& o) {
  GraphNode node{.op = "MaxPool", .inputs = {o.x()}};
  node.integers["kernel_shape"] = o.list(1);
  node.integers["strides"] = o.list(2);
  std::vector<std::int64_t> pads = o.list(3);
  const std::vector<std::int64_t> ends = pads;
  pads.insert(pads.end(), ends.begin(), ends.end());
  node.integers["pads"] = pads;
  return o.add(std::move(node));
}

const std::unordered_map<std::string, Lowering>& lowerings() {
  static const std::unordered_map<std::string, Lowering> table{
      {"aten::add", sum("Add")},
      {"aten::sub", sum("Sub")},
      {"aten::rsub",
       [](const Operation& o) {
         return o.add("Sub", {o.cast(1, o.type()), o.cast(0, o.type())});
       }},
      {"aten::mul", arithmetic("Mul")},
      {"aten::div", arithmetic("Div")},
      {"aten::lt", comparison("Less")},
      {"aten::le", comparison("LessOrEqual")},
      {"aten::gt", comparison("Greater")},
      {"aten::ge", comparison("GreaterOrEqual")},
      {"aten::eq", comparison("Equal")},
      {"aten::neg", unary("Neg")},
      {"aten::exp", unary("Exp")},
      {"aten::log", unary("Log")},
      {"aten::sqrt", unary("Sqrt")},
      {"aten::abs", unary("Abs")},
      {"aten::floor", unary("Floor")},
      {"aten::sin", unary("Sin")},
      {"aten::cos", unary("Cos")},
      {"aten::erf", unary("Erf")},
      {"aten::tanh", unary("Tanh")},
      {"aten::sigmoid", unary("Sigmoid")},
      {"aten::relu", unary("Relu")},
      {"aten::softplus", unary("Softplus")},
      {"aten::square",
       [](const Operation& o) {
         return o.add("Mul", {o.x(), o.x()});
       }},
      {"aten::mish", mish},
      {"aten::gelu", gelu},
      {"aten::linear", linear},
      {"aten::addmv", addmv},
      {"aten::matmul", [](const Operation& o) { return o.binary("MatMul", at::kFloat); }},
      {"aten::baddbmm",
       [](const Operation& o) {
         return o.add("Add", {o.x(), o.add("MatMul", {o.cast(1, at::kFloat), o.cast(2, at::kFloat)})});
       }},
      {"aten::conv1d", [](const Operation& o) { return o.convolution("Conv", 6, 5, false); }},
      {"aten::conv2d", [](const Operation& o) { return o.convolution("Conv", 6, 5, false); }},
      {"aten::conv_transpose1d",
       [](const Operation& o) { return o.convolution("ConvTranspose", 6, 7, true); }},
      {"aten::max_pool2d", max_pool},
      {"aten::layer_norm", layer_norm},
      {"aten::group_norm", group_norm},
      {"aten::softmax", softmax},
      {"aten::cumsum",
       [](const Operation& o) {
         return o.add("CumSum", {o.x(), o.tracer().number_of({.value = o.axis(1)})});
       }},
      {"aten::sum", [](const Operation& o) { return total(o, "ReduceSum", o.cast(0, o.type())); }},
      {"aten::mean", [](const Operation& o) { return total(o, "ReduceMean", o.x()); }},
      {"aten::var", variance},
      {"aten::clamp", clamp},
      {"aten::where",
       [](const Operation& o) {
         return o.add("Where", {o.cast(0, at::kBool), o.cast(1, o.type()), o.cast(2, o.type())});
       }},
      {"aten::gather",
       [](const Operation& o) {
         GraphNode node{.op = "GatherElements", .inputs = {o.x(), o.cast(2, at::kLong)}};
         node.integer["axis"] = o.axis(1);
         return o.add(std::move(node));
       }},
      {"aten::cat", cat},
      {"aten::stack", stack},
      {"aten::slice",
       [](const Operation& o) {
         const std::int64_t axis = o.axis(1), size = o.in().size(axis), step = o.integer(4);
         const std::int64_t from = o.none(2) ? 0 : o.integer(2), to = o.none(3) ? size : o.integer(3);
         const auto place = [size](std::int64_t i) {
           return std::max<std::int64_t>(0, std::min(size, i < 0 ? i + size : i));
         };
         return sliced(o, axis, place(from), place(to), step);
       }},
      {"aten::narrow",
       [](const Operation& o) { return sliced(o, o.axis(1), o.integer(2), o.integer(2) + o.integer(3), 1); }},
      {"aten::select",
       [](const Operation& o) {
         const std::int64_t axis = o.axis(1), size = o.in().size(axis);
         const std::int64_t at = o.integer(2) < 0 ? o.integer(2) + size : o.integer(2);
         const at::Tensor piece = o.in().narrow(axis, at, 1);
         return o.shaped(size == 1 ? o.x() : o.slice(axis, at, at + 1, 1, piece), o.out());
       }},
      {"aten::transpose",
       [](const Operation& o) {
         std::vector<std::int64_t> order;
         for (std::int64_t i = 0; i < o.in().dim(); ++i) order.push_back(i);
         std::swap(order[static_cast<std::size_t>(o.axis(1))], order[static_cast<std::size_t>(o.axis(2))]);
         return o.transposed(order);
       }},
      {"aten::permute", [](const Operation& o) { return o.transposed(o.list(1)); }},
      {"aten::expand",
       [](const Operation& o) {
         return o.tracer().value(o.x()).shape == o.out().sizes().vec()
                    ? o.x()
                    : o.add("Expand", {o.x(), o.tracer().integers(o.out().sizes().vec())});
       }},
      {"aten::reshape", reshaped},
      {"aten::view", reshaped},
      {"aten::flatten", reshaped},
      {"aten::unflatten", reshaped},
      {"aten::squeeze", reshaped},
      {"aten::unsqueeze", reshaped},
      {"aten::contiguous", same},
      {"aten::detach", same},
      {"aten::dropout",
       [](const Operation& o) {
         if (o.flag(2)) throw Error("export: want dropout outside training only, found it when acting");
         return o.x();
       }},
      {"aten::to", [](const Operation& o) { return o.cast(0, o.type()); }},
      {"aten::Bool", same},
  };
  return table;
}

}  // namespace

std::vector<int> add_operation(StepTracer& tracer, const torch::jit::Node& node,
                               const std::vector<Traced>& inputs, const std::vector<c10::IValue>& outputs) {
  const std::string kind = node.kind().toQualString();
  const Operation operation(tracer, inputs, outputs);
  if (kind == "aten::chunk") {
    std::vector<int> pieces;
    std::int64_t from = 0;
    for (const at::Tensor& piece : outputs[0].toTensorVector()) {
      const std::int64_t axis = operation.axis(2);
      pieces.push_back(operation.slice(axis, from, from + piece.size(axis), 1, piece));
      from += piece.size(axis);
    }
    return pieces;
  }
  const auto found = lowerings().find(kind);
  if (found == lowerings().end() || outputs.size() != 1)
    throw Error("export: no ONNX operator is known for " + kind + "; export the policy to torchscript");
  return {found->second(operation)};
}

}  // namespace understudy
