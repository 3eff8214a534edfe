// The few messages of onnx.proto that a graph takes, in protobuf's wire format.

#include "bc/exports/onnx_file.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "datasets/types/error.h"
#include "datasets/types/version.h"

namespace understudy {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

// Field numbers of onnx.proto.
namespace model {
constexpr int kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8, kNote = 14;
}
namespace graph_proto {
constexpr int kNode = 1, kName = 2, kInitializer = 5, kDescription = 10, kInput = 11, kOutput = 12;
}
namespace node_proto {
constexpr int kInput = 1, kOutput = 2, kName = 3, kOp = 4, kAttribute = 5;
}
namespace attribute {
constexpr int kName = 1, kFloat = 2, kInteger = 3, kGraph = 6, kIntegers = 8, kType = 20;
enum Type { kIsFloat = 1, kIsInteger = 2, kIsGraph = 5, kIsIntegers = 7 };
}  // namespace attribute
namespace tensor {
constexpr int kSide = 1, kType = 2, kName = 8, kRaw = 9;
}

constexpr int kTypes[] = {1, 7, 9};  // float, int64 and bool, in the order of GraphType

class Message {
 public:
  Message& integer(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& number(int field, float value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 5);
    append(&value, sizeof value);
    return *this;
  }
  Message& text(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(int field, const Message& value) { return text(field, value.bytes_); }
  Message& raw(int field, const void* values, std::size_t size) {
    return text(field, {static_cast<const char*>(values), size});
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void append(const void* values, std::size_t size) { bytes_.append(static_cast<const char*>(values), size); }
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

Message pair_of(const std::string& key, const std::string& value) {
  return Message().text(1, key).text(2, value);
}

Message declared(const GraphValue& value) {
  Message shape;
  for (const std::int64_t side : value.shape) shape.message(1, Message().integer(1, side));
  const Message type = Message().integer(1, kTypes[static_cast<int>(value.type)]).message(2, shape);
  return Message().text(1, value.name).message(2, Message().message(1, type));
}

Message initializer(const GraphValue& value) {
  Message message;
  for (const std::int64_t side : value.shape) message.integer(tensor::kSide, side);
  message.integer(tensor::kType, kTypes[static_cast<int>(value.type)]).text(tensor::kName, value.name);
  if (value.type == GraphType::kFloat)
    return message.raw(tensor::kRaw, value.floats.data(), value.floats.size() * sizeof(float));
  if (value.type == GraphType::kInteger)
    return message.raw(tensor::kRaw, value.integers.data(), value.integers.size() * sizeof(std::int64_t));
  const std::string flags(value.integers.begin(), value.integers.end());
  return message.text(tensor::kRaw, flags);
}

class Writer {
 public:
  explicit Writer(const StepGraph& graph) : graph_(graph) {}

  Message block(const GraphBlock& block, const std::string& name) const {
    Message message;
    for (const GraphNode& one : block.nodes) message.message(graph_proto::kNode, node(one));
    message.text(graph_proto::kName, name);
    for (const int output : block.outputs) message.message(graph_proto::kOutput, declared(value(output)));
    return message;
  }

  Message whole(const std::string& name, const std::string& description) const {
    Message message = block(graph_.body, name);
    for (const GraphValue& value : graph_.values)
      if (value.constant) message.message(graph_proto::kInitializer, initializer(value));
    message.text(graph_proto::kDescription, description);
    for (const int input : graph_.inputs) message.message(graph_proto::kInput, declared(value(input)));
    return message;
  }

 private:
  const GraphValue& value(int id) const { return graph_.values[static_cast<std::size_t>(id)]; }

  Message node(const GraphNode& node) const {
    Message message;
    for (const int input : node.inputs) message.text(node_proto::kInput, value(input).name);
    for (const int output : node.outputs) message.text(node_proto::kOutput, value(output).name);
    message.text(node_proto::kName, "make_" + value(node.outputs.front()).name)
        .text(node_proto::kOp, node.op);
    const auto add = [&](const std::string& name, attribute::Type type, Message content) {
      message.message(node_proto::kAttribute,
                      content.text(attribute::kName, name).integer(attribute::kType, type));
    };
    for (const auto& [name, value] : node.integer)
      add(name, attribute::kIsInteger, Message().integer(attribute::kInteger, value));
    for (const auto& [name, value] : node.number)
      add(name, attribute::kIsFloat, Message().number(attribute::kFloat, value));
    for (const auto& [name, values] : node.integers) {
      Message list;
      for (const std::int64_t value : values) list.integer(attribute::kIntegers, value);
      add(name, attribute::kIsIntegers, list);
    }
    const char* const branches[] = {"then_branch", "else_branch"};
    for (std::size_t i = 0; i < node.branches.size(); ++i) {
      add(branches[i], attribute::kIsGraph,
          Message().message(attribute::kGraph, block(node.branches[i], branches[i])));
    }
    return message;
  }

  const StepGraph& graph_;
};

struct Field {
  int number = 0;
  std::int64_t integer = 0;  ///< of wire type 0
  std::string_view bytes{};  ///< of 2 and 5
};

[[noreturn]] void refuse(const std::string& what) {
  throw Error("ONNX file: want what this program writes, found " + what);
}

std::vector<Field> fields_of(std::string_view bytes) {
  std::vector<Field> fields;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes.empty()) refuse("its end in a number");
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (!bytes.empty()) {
    const std::uint64_t tag = varint();
    Field field{.number = static_cast<int>(tag >> 3)};
    if ((tag & 7) == 0) {
      field.integer = static_cast<std::int64_t>(varint());
    } else {
      const std::uint64_t size = (tag & 7) == 2 ? varint() : (tag & 7) == 5 ? 4 : 0;
      if (size > bytes.size() || ((tag & 7) != 2 && (tag & 7) != 5)) refuse("a field of another kind");
      field.bytes = bytes.substr(0, size);
      bytes.remove_prefix(size);
    }
    fields.push_back(field);
  }
  return fields;
}

class Reader {
 public:
  StepGraph read(std::string_view bytes) {
    for (const Field& field : fields_of(bytes))
      if (field.number == model::kGraph) graph_.body = block(field.bytes);
    return std::move(graph_);
  }

 private:
  /// The number of the value of this name, which is made when it is not known.
  int number(std::string_view name) {
    const auto [place, fresh] =
        numbers_.try_emplace(std::string(name), static_cast<int>(graph_.values.size()));
    if (fresh) graph_.values.push_back({.name = std::string(name)});
    return place->second;
  }

  GraphType type_of(std::int64_t type) {
    if (type != 1 && type != 7 && type != 9) refuse("tensors of type " + std::to_string(type));
    return type == 1 ? GraphType::kFloat : type == 7 ? GraphType::kInteger : GraphType::kBoolean;
  }

  int declaration(std::string_view bytes) {
    std::string_view name;
    GraphValue declared;
    for (const Field& field : fields_of(bytes)) {
      if (field.number == 1) name = field.bytes;
      if (field.number != 2) continue;
      for (const Field& part : fields_of(fields_of(field.bytes).at(0).bytes)) {
        if (part.number == 1) declared.type = type_of(part.integer);
        if (part.number != 2) continue;
        for (const Field& side : fields_of(part.bytes))
          declared.shape.push_back(fields_of(side.bytes).at(0).integer);
      }
    }
    const int id = number(name);
    declared.name = std::string(name);
    graph_.values[static_cast<std::size_t>(id)] = declared;
    return id;
  }

  void constant(std::string_view bytes) {
    GraphValue value{.name = {}, .constant = true};
    std::string_view raw;
    for (const Field& field : fields_of(bytes)) {
      if (field.number == tensor::kSide) value.shape.push_back(field.integer);
      if (field.number == tensor::kType) value.type = type_of(field.integer);
      if (field.number == tensor::kName) value.name = std::string(field.bytes);
      if (field.number == tensor::kRaw) raw = field.bytes;
    }
    const std::size_t width = value.type == GraphType::kFloat     ? sizeof(float)
                              : value.type == GraphType::kInteger ? sizeof(std::int64_t)
                                                                  : 1;
    if (raw.size() != static_cast<std::size_t>(value.size()) * width)
      refuse("a tensor of another size than it says");
    if (value.type == GraphType::kBoolean) {
      value.integers.assign(raw.begin(), raw.end());
    } else if (value.type == GraphType::kFloat) {
      value.floats.resize(raw.size() / width);
      std::memcpy(value.floats.data(), raw.data(), raw.size());
    } else {
      value.integers.resize(raw.size() / width);
      std::memcpy(value.integers.data(), raw.data(), raw.size());
    }
    const int id = number(value.name);
    graph_.values[static_cast<std::size_t>(id)] = std::move(value);
  }

  void add_attribute(GraphNode& node, std::string_view bytes) {
    std::string name;
    std::vector<std::int64_t> list;
    std::int64_t type = 0, integer = 0;
    float real = 0;
    std::string_view graph;
    for (const Field& field : fields_of(bytes)) {
      if (field.number == attribute::kName) name = std::string(field.bytes);
      if (field.number == attribute::kType) type = field.integer;
      if (field.number == attribute::kInteger) integer = field.integer;
      if (field.number == attribute::kIntegers) list.push_back(field.integer);
      if (field.number == attribute::kFloat) std::memcpy(&real, field.bytes.data(), sizeof real);
      if (field.number == attribute::kGraph) graph = field.bytes;
    }
    if (type == attribute::kIsInteger) node.integer[name] = integer;
    if (type == attribute::kIsFloat) node.number[name] = real;
    if (type == attribute::kIsIntegers) node.integers[name] = list;
    if (type == attribute::kIsGraph) node.branches.push_back(block(graph));
  }

  GraphNode node(std::string_view bytes) {
    GraphNode node;
    for (const Field& field : fields_of(bytes)) {
      if (field.number == node_proto::kInput) node.inputs.push_back(number(field.bytes));
      if (field.number == node_proto::kOutput) node.outputs.push_back(number(field.bytes));
      if (field.number == node_proto::kOp) node.op = std::string(field.bytes);
      if (field.number == node_proto::kAttribute) add_attribute(node, field.bytes);
    }
    return node;
  }

  GraphBlock block(std::string_view bytes) {
    GraphBlock block;
    for (const Field& field : fields_of(bytes)) {
      if (field.number == graph_proto::kNode) block.nodes.push_back(node(field.bytes));
      if (field.number == graph_proto::kInitializer) constant(field.bytes);
      if (field.number == graph_proto::kInput) graph_.inputs.push_back(declaration(field.bytes));
      if (field.number == graph_proto::kOutput) block.outputs.push_back(declaration(field.bytes));
    }
    return block;
  }

  StepGraph graph_;
  std::unordered_map<std::string, int> numbers_;
};

}  // namespace

std::string onnx_bytes(const StepGraph& graph, const std::string& name, const std::string& description,
                       const std::vector<std::pair<std::string, std::string>>& notes) {
  Message message;
  message.integer(model::kIrVersion, 8)
      .text(model::kProducer, "understudy")
      .text(model::kProducerVersion, program_version())
      .message(model::kGraph, Writer(graph).whole(name, description))
      .message(model::kOpset, Message().text(1, "").integer(2, 17));
  for (const auto& [key, value] : notes) message.message(model::kNote, pair_of(key, value));
  return message.bytes();
}

StepGraph graph_of_onnx(const std::string& bytes) {
  return Reader().read(bytes);
}

}  // namespace understudy
