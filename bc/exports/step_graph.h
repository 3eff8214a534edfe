#pragma once
/// \file One step of a policy as a graph of ONNX operators (opset 17) over tensors whose sizes are all known: what ONNX
/// files and C++ headers are written from.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace understudy {

enum class GraphType { kFloat, kInteger, kBoolean };  ///< float32, int64, bool

/// What an operator takes or gives, or a number that it has from the beginning.
struct GraphValue {
  std::string name{};
  GraphType type = GraphType::kFloat;
  std::vector<std::int64_t> shape{};
  bool constant = false;
  std::vector<float> floats{};           ///< of a constant of type kFloat
  std::vector<std::int64_t> integers{};  ///< of one of another type

  std::int64_t size() const;
};

struct GraphNode;

/// Operators in an order in which each finds its inputs. Values are numbered over the whole graph.
struct GraphBlock {
  std::vector<GraphNode> nodes;
  std::vector<int> outputs;
};

struct GraphNode {
  std::string op;  ///< ONNX's name
  std::vector<int> inputs{};
  std::vector<int> outputs{};
  std::map<std::string, std::int64_t> integer{};
  std::map<std::string, std::vector<std::int64_t>> integers{};
  std::map<std::string, float> number{};
  std::vector<GraphBlock> branches{};  ///< of If: then, else
};

/// Inputs: `observation` [1, obs_dim], and where the policy has such, `state` [1, state] and `noise` [1, noise].
/// Outputs: `action` [1, act_dim], and `next_state` [1, state].
struct StepGraph {
  std::vector<GraphValue> values;
  std::vector<int> inputs;
  GraphBlock body;
};

}  // namespace understudy
