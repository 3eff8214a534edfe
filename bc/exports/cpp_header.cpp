// Each operator as loops over arrays of known sizes.

#include "bc/exports/cpp_header.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <unordered_map>

#include "bc/exports/cpp_header_parts.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using Sides = std::vector<std::int64_t>;

std::string text(std::int64_t value) {
  return std::to_string(value);
}

std::string literal(float value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.9g", static_cast<double>(value));
  std::string number(digits);
  if (number.find_first_of(".en") == std::string::npos) number += ".0";
  return number + "f";
}

/// How far entries lie apart along each dimension.
Sides strides_of(const Sides& shape) {
  Sides strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Of a tensor of `shape` that is stretched to `to`: 0 where it has but one entry.
Sides stretched(const Sides& shape, const Sides& to) {
  const Sides own = strides_of(shape);
  Sides strides(to.size(), 0);
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1) strides[to.size() - shape.size() + i] = own[i];
  return strides;
}

std::string place(const Sides& strides, std::int64_t offset = 0) {
  std::string sum;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (strides[i] == 0) continue;
    sum += (sum.empty() ? "" : " + ") + ("i" + text(static_cast<std::int64_t>(i))) +
           (strides[i] == 1 ? "" : " * " + text(strides[i]));
  }
  if (sum.empty()) return text(offset);
  return offset == 0 ? sum : sum + " + " + text(offset);
}

/// Of arguments A, B and C.
const std::map<std::string, const char*>& formulas() {
  static const std::map<std::string, const char*> table{
      {"Add", "A + B"},
      {"Sub", "A - B"},
      {"Mul", "A * B"},
      {"Div", "A / B"},
      {"Max", "A < B ? B : A"},
      {"Min", "B < A ? B : A"},
      {"Less", "A < B"},
      {"LessOrEqual", "A <= B"},
      {"Greater", "A > B"},
      {"GreaterOrEqual", "A >= B"},
      {"Equal", "A == B"},
      {"Where", "A ? B : C"},
      {"Neg", "-A"},
      {"Exp", "detail::Exp()(A)"},
      {"Log", "std::log(A)"},
      {"Sqrt", "std::sqrt(A)"},
      {"Abs", "std::fabs(A)"},
      {"Floor", "std::floor(A)"},
      {"Sin", "std::sin(A)"},
      {"Cos", "std::cos(A)"},
      {"Erf", "std::erf(A)"},
      {"Tanh", "detail::Tanh()(A)"},
      {"Sigmoid", "detail::Sigmoid()(A)"},
      {"Relu", "A > 0 ? A : 0"},
      {"Softplus", "detail::Softplus()(A)"},
      {"Expand", "A"},
      {"Cast", "A"},
  };
  return table;
}

const char* type_name(GraphType type) {
  return type == GraphType::kFloat ? "float" : type == GraphType::kInteger ? "std::int64_t" : "bool";
}

class Writer {
 public:
  explicit Writer(const StepGraph& graph) : graph_(graph), alias_(graph.values.size(), -1) {}

  void run() {
    for (const int input : graph_.inputs)
      names_[input] = value(input).name == "state" ? "state_" : value(input).name;
    block(graph_.body);
    const char* const targets[] = {"action", "state_"};
    for (std::size_t i = 0; i < graph_.body.outputs.size(); ++i)
      copy(graph_.body.outputs[i], targets[i], "    ");
  }

  const std::string& body() const { return body_; }
  const std::string& members() const { return members_; }
  const std::string& tables() const { return tables_; }

 private:
  const GraphValue& value(int id) const { return graph_.values[static_cast<std::size_t>(id)]; }
  const Sides& shape(int id) const { return value(id).shape; }

  /// Name of the array that holds a value.
  std::string array(int id) {
    while (alias_[static_cast<std::size_t>(id)] >= 0) id = alias_[static_cast<std::size_t>(id)];
    const auto known = names_.find(id);
    if (known != names_.end()) return known->second;
    const GraphValue& one = value(id);
    if (one.constant) {
      std::string numbers;
      for (const float number : one.floats) numbers += literal(number) + ",";
      for (const std::int64_t number : one.integers) numbers += text(number) + ",";
      return names_[id] = table(type_name(one.type), numbers, one.size());
    }
    members_ += "  " + std::string(type_name(one.type)) + " v" + text(id) + "_[" + text(one.size()) + "];\n";
    return names_[id] = "v" + text(id) + "_";
  }

  std::string table(const std::string& type, const std::string& numbers, std::int64_t size) {
    const std::string name = "kTable" + text(tables_count_++);
    tables_ += "alignas(32) inline constexpr " + type + " " + name + "[" + text(size) + "] = {";
    std::size_t line = tables_.size();
    for (std::size_t from = 0; from < numbers.size();) {
      const std::size_t end = numbers.find(',', from) + 1;
      if (tables_.size() - line + end - from > 110) {
        tables_ += "\n";
        line = tables_.size();
      }
      tables_.append(numbers, from, end - from);
      from = end;
    }
    tables_ += "};\n";
    return name;
  }

  /// An entry: of a constant of one entry, its number.
  std::string entry(int id, const std::string& index) {
    const GraphValue& one = value(id);
    if (one.constant && one.floats.size() == 1) return literal(one.floats[0]);
    if (one.constant && one.integers.size() == 1) return text(one.integers[0]);
    return array(id) + "[" + index + "]";
  }

  void copy(int from, const std::string& to, const std::string& indent) {
    const std::string count = text(value(from).size());
    body_ += indent + "for (int i = 0; i < " + count + "; ++i) " + to + "[i] = " + array(from) + "[i];\n";
  }

  /// Loops over all entries of `sides`, i0 and so on, around `line`.
  void loops(const Sides& sides, const std::string& line) {
    std::string indent = indent_;
    for (std::size_t i = 0; i < sides.size(); ++i) {
      if (sides[i] == 1) continue;
      const std::string name = "i" + text(static_cast<std::int64_t>(i));
      body_ += indent + "for (int " + name + " = 0; " + name + " < " + text(sides[i]) + "; ++" + name + ")\n";
      indent += "  ";
    }
    body_ += indent + line + "\n";
  }

  /// Strides with nothing along dimensions of one entry, over which there is no loop.
  static Sides looped(Sides strides, const Sides& sides) {
    for (std::size_t i = 0; i < sides.size(); ++i)
      if (sides[i] == 1) strides[i] = 0;
    return strides;
  }
  std::string result(int id) {
    return array(id) + "[" + place(looped(strides_of(shape(id)), shape(id))) + "]";
  }

  void elementwise(const GraphNode& node) {
    const int to = node.outputs[0];
    std::string line;
    const std::string formula = formulas().at(node.op);
    if (const std::size_t end = formula.find("()(A)"); end != std::string::npos) {
      body_ += indent_ + "detail::map(" + array(node.inputs[0]) + ", " + array(to) + ", " +
               text(value(to).size()) + ", " + formula.substr(0, end) + "());\n";
      return;
    }
    for (const char sign : formula) {
      if (sign < 'A' || sign > 'C') {
        line += sign;
        continue;
      }
      const int from = node.inputs.at(static_cast<std::size_t>(sign - 'A'));
      line += entry(from, place(looped(stretched(shape(from), shape(to)), shape(to))));
    }
    if (node.op == "Cast") line = "static_cast<" + std::string(type_name(value(to).type)) + ">(" + line + ")";
    loops(shape(to), result(to) + " = " + line + ";");
  }

  Sides list(int id) const { return value(id).integers; }

  void slice(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    Sides strides = strides_of(shape(from));
    std::int64_t offset = 0;
    const Sides starts = list(node.inputs[1]), axes = list(node.inputs[3]), steps = list(node.inputs[4]);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      std::int64_t& stride = strides[static_cast<std::size_t>(axes[i])];
      offset += starts[i] * stride;
      stride *= steps[i];
    }
    loops(shape(to), result(to) + " = " + entry(from, place(looped(strides, shape(to)), offset)) + ";");
  }

  void transpose(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    const Sides own = strides_of(shape(from));
    Sides strides;
    for (const std::int64_t axis : node.integers.at("perm"))
      strides.push_back(own[static_cast<std::size_t>(axis)]);
    loops(shape(to), result(to) + " = " + entry(from, place(looped(strides, shape(to)))) + ";");
  }

  void concat(const GraphNode& node) {
    const int to = node.outputs[0];
    const auto axis = static_cast<std::size_t>(node.integer.at("axis"));
    const Sides strides = strides_of(shape(to));
    std::int64_t offset = 0;
    for (const int from : node.inputs) {
      const Sides& sides = shape(from);
      loops(sides, array(to) + "[" + place(looped(strides, sides), offset) +
                       "] = " + entry(from, place(looped(strides_of(sides), sides))) + ";");
      offset += sides[axis] * strides[axis];
    }
  }

  void gather(const GraphNode& node) {
    const int from = node.inputs[0], index = node.inputs[1], to = node.outputs[0];
    const auto axis = static_cast<std::size_t>(node.integer.at("axis"));
    Sides strides = looped(strides_of(shape(from)), shape(to));
    const std::int64_t stride = strides_of(shape(from))[axis];
    strides[axis] = 0;
    loops(shape(to), result(to) + " = " + array(from) + "[" + place(strides) + " + " +
                         entry(index, place(looped(strides_of(shape(index)), shape(to)))) + " * " +
                         text(stride) + "];");
  }

  void gemm(const GraphNode& node) {
    const int from = node.inputs[0], weights = node.inputs[1], to = node.outputs[0];
    if (!value(weights).constant || node.integer.at("transB") != 1 || node.inputs.size() != 3 ||
        !value(node.inputs[2]).constant)
      throw Error("header: want layers of constant weights and biases, found others");
    const std::int64_t rows = shape(from)[0], in = shape(from)[1], out = shape(to)[1];
    const auto layer = layers_.try_emplace(weights);
    if (layer.second) {
      // In blocks of 32 outputs, then of 8.
      std::string numbers, biases;
      const std::int64_t padded = (out + 7) / 8 * 8;
      for (std::int64_t block = 0, size = 0; block < padded; block += size) {
        size = block + 32 <= out ? 32 : 8;
        for (std::int64_t k = 0; k < in; ++k) {
          for (std::int64_t o = block; o < block + size; ++o)
            numbers +=
                literal(o < out ? value(weights).floats[static_cast<std::size_t>(o * in + k)] : 0) + ",";
        }
      }
      for (std::int64_t o = 0; o < padded; ++o)
        biases += literal(o < out ? value(node.inputs[2]).floats[static_cast<std::size_t>(o)] : 0) + ",";
      const std::string numbers_name = table("float", numbers, padded * in);
      layer.first->second = numbers_name + ", " + table("float", biases, padded);
    }
    const std::string call = "detail::layer<" + text(in) + ", " + text(out) + ">(" + array(from) +
                             " + i0 * " + text(in) + ", " + layer.first->second + ", " + array(to) +
                             " + i0 * " + text(out) + ");";
    body_ += indent_ + "for (int i0 = 0; i0 < " + text(rows) + "; ++i0) " + call + "\n";
  }

  /// [..., m, k] by [..., k, n], row after row.
  void matmul(const GraphNode& node) {
    const int a = node.inputs[0], b = node.inputs[1], to = node.outputs[0];
    const Sides& out = shape(to);
    if (shape(a).size() < 2 || shape(b).size() < 2)
      throw Error("header: want products of matrices, found vectors");
    const std::int64_t m = out[out.size() - 2], n = out.back(), k = shape(a).back();
    Sides outer(out.begin(), out.end() - 2);
    const auto batch = [&](int id, std::int64_t size) {
      const Sides own(shape(id).begin(), shape(id).end() - 2);
      Sides strides = stretched(own, outer);
      for (std::int64_t& stride : strides) stride *= size;
      return place(looped(strides, outer));
    };
    Sides to_strides = strides_of(outer);
    for (std::int64_t& stride : to_strides) stride *= m * n;
    loops(outer, "detail_matmul(" + array(a) + " + " + batch(a, m * k) + ", " + array(b) + " + " +
                     batch(b, k * n) + ", " + array(to) + " + " + place(looped(to_strides, outer)) + ", " +
                     text(m) + ", " + text(k) + ", " + text(n) + ");");
  }

  /// Over the axes of an input, for each entry of the output.
  void reduce(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    const Sides axes = node.op == "ReduceSum" ? list(node.inputs[1]) : node.integers.at("axes");
    const Sides& sides = shape(from);
    Sides kept = sides;
    std::int64_t count = 1;
    for (const std::int64_t axis : axes) {
      count *= sides[static_cast<std::size_t>(axis)];
      kept[static_cast<std::size_t>(axis)] = 1;
    }
    const std::string target = array(to) + "[" + place(looped(strides_of(kept), kept)) + "]";
    loops(kept, target + " = 0;");
    loops(sides, target + " += " + entry(from, place(looped(strides_of(sides), sides))) + ";");
    if (node.op == "ReduceMean") loops(kept, target + " /= " + text(count) + ";");
  }

  /// One line per row of an axis, which is run along in `line` by p, the first entry's place, and s, the stride.
  void along(int from, std::int64_t axis,
             const std::function<std::string(const std::string&, std::int64_t)>& line) {
    Sides sides = shape(from);
    if (axis < 0) axis += static_cast<std::int64_t>(sides.size());
    const Sides strides = strides_of(sides);
    sides[static_cast<std::size_t>(axis)] = 1;
    loops(sides, line(place(looped(strides, sides)), strides[static_cast<std::size_t>(axis)]));
  }

  void softmax(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    const std::int64_t axis = node.integer.at("axis");
    const std::int64_t count = shape(from)[static_cast<std::size_t>(axis)];
    along(from, axis, [&](const std::string& at, std::int64_t stride) {
      return "detail_softmax(" + array(from) + " + " + at + ", " + array(to) + " + " + at + ", " +
             text(count) + ", " + text(stride) + ");";
    });
  }

  void cumulate(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    const std::int64_t axis = list(node.inputs[1]).at(0);
    const std::int64_t count = shape(from)[static_cast<std::size_t>(axis)];
    along(from, axis, [&](const std::string& at, std::int64_t stride) {
      const std::string next = at + " + j * " + text(stride), last = at + " + (j - 1) * " + text(stride);
      return "for (int j = 0; j < " + text(count) + "; ++j) " + array(to) + "[" + next + "] = (j > 0 ? " +
             array(to) + "[" + last + "] : 0) + " + array(from) + "[" + next + "];";
    });
  }

  void layer_norm(const GraphNode& node) {
    const int from = node.inputs[0], to = node.outputs[0];
    const std::int64_t width = shape(from).back();
    along(from, -1, [&](const std::string& at, std::int64_t) {
      return "detail_normalise(" + array(from) + " + " + at + ", " + array(node.inputs[1]) + ", " +
             array(node.inputs[2]) + ", " + array(to) + " + " + at + ", " + text(width) + ", " +
             literal(node.number.at("epsilon")) + ");";
    });
  }

  void choice(const GraphNode& node) {
    for (const int output : node.outputs) array(output);
    for (std::size_t side = 0; side < 2; ++side) {
      body_ += side == 0 ? indent_ + "if (" + array(node.inputs[0]) + "[0]) {\n" : indent_ + "} else {\n";
      indent_ += "  ";
      block(node.branches[side]);
      for (std::size_t i = 0; i < node.outputs.size(); ++i)
        copy(node.branches[side].outputs[i], array(node.outputs[i]), indent_);
      indent_.resize(indent_.size() - 2);
    }
    body_ += indent_ + "}\n";
  }

  void block(const GraphBlock& block) {
    using Emit = void (Writer::*)(const GraphNode&);
    static const std::unordered_map<std::string, Emit> table{{"Slice", &Writer::slice},
                                                             {"Transpose", &Writer::transpose},
                                                             {"Concat", &Writer::concat},
                                                             {"Gemm", &Writer::gemm},
                                                             {"MatMul", &Writer::matmul},
                                                             {"GatherElements", &Writer::gather},
                                                             {"ReduceSum", &Writer::reduce},
                                                             {"ReduceMean", &Writer::reduce},
                                                             {"Softmax", &Writer::softmax},
                                                             {"CumSum", &Writer::cumulate},
                                                             {"LayerNormalization", &Writer::layer_norm},
                                                             {"If", &Writer::choice}};
    for (const GraphNode& node : block.nodes) {
      if (node.op == "Reshape" || node.op == "Identity") {
        alias_[static_cast<std::size_t>(node.outputs[0])] = node.inputs[0];
      } else if (formulas().contains(node.op)) {
        elementwise(node);
      } else if (const auto found = table.find(node.op); found != table.end()) {
        (this->*found->second)(node);
      } else {
        throw Error("header: has no " + node.op +
                    ", which this policy needs; export it to onnx or torchscript");
      }
    }
  }

  const StepGraph& graph_;
  std::vector<int> alias_;
  std::unordered_map<int, std::string> names_;
  std::unordered_map<int, std::string> layers_;  ///< tables of weights and biases, by the weights
  std::string indent_ = "    ";
  std::string body_, members_, tables_;
  std::int64_t tables_count_ = 0;
};

}  // namespace

std::string cpp_header(const StepGraph& graph, const PolicyStep& step, const std::string& name,
                       const std::vector<std::string>& notes) {
  Writer writer(graph);
  writer.run();
  const auto width = [&](int id) { return graph.values[static_cast<std::size_t>(id)].shape.back(); };
  std::string header;
  for (const std::string& note : notes) header += "// " + note + "\n";
  header += "#pragma once\n\n#include <cmath>\n#include <cstdint>\n#include <cstring>\n\nnamespace " + name +
            " {\n" + kHeaderFunctions + writer.tables();
  // The long pieces last: nothing is to be filled in within them.
  std::string text = kHeaderClass;
  for (const auto& [place, value] : std::vector<std::pair<std::string, std::string>>{
           {"{observations}", std::to_string(width(graph.inputs.front()))},
           {"{actions}", std::to_string(width(graph.body.outputs.front()))},
           {"{noise}", std::to_string(step.noise)},
           {"{noise_size}", std::to_string(std::max(1, step.noise))},
           {"{noise_every}", std::to_string(step.noise_every)},
           {"{state_size}", std::to_string(std::max(1, step.state))},
           {"{body}", writer.body()},
           {"{members}", writer.members()}}) {
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
      text.replace(at, place.size(), value);
  }
  return header + text + "\n}  // namespace " + name + "\n";
}

}  // namespace understudy
