#pragma once
/// \file Graphs as ONNX files (https://onnx.ai, IR version 8, opset 17), and what of these files this program writes back.

#include <string>
#include <utility>
#include <vector>

#include "bc/exports/step_graph.h"

namespace understudy {

/// Bytes of a ModelProto. `notes` are its metadata properties.
std::string onnx_bytes(const StepGraph& graph, const std::string& name, const std::string& description,
                       const std::vector<std::pair<std::string, std::string>>& notes);

/// The graph of such bytes. Throws Error where they hold what onnx_bytes does not write.
StepGraph graph_of_onnx(const std::string& bytes);

}  // namespace understudy
