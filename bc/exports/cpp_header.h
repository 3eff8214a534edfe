#pragma once
/// \file Policies as C++17 headers that need nothing but the standard library.

#include <string>
#include <vector>

#include "bc/exports/policy_step.h"

namespace understudy {

/// A header whose namespace `name` has a class Policy with `reset(seed)` and `act(observation, action)`, which sets no
/// memory aside. `notes`: lines of its first comment. Throws Error that names the operator where the graph has one that
/// headers do not know, as convolutions are.
std::string cpp_header(const StepGraph& graph, const PolicyStep& step, const std::string& name,
                       const std::vector<std::string>& notes);

}  // namespace understudy
