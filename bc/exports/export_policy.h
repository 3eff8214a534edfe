#pragma once
/// \file Policies for machines without this program, and the proof that they act as they do here.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/policies/policy.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// "torchscript", "onnx", "header".
const std::vector<std::string>& export_formats();

/// How a policy acted in an episode.
struct ActedEpisode {
  std::uint64_t seed = 0;  ///< of Actor::reset
  Matrix observations;     ///< [steps, obs_dim]
  Matrix actions;          ///< [steps, act_dim]
};

/// Content of the file. `name`: of the header's namespace, of the ONNX graph. Throws UsageError for an unknown format, and
/// Error that says what of the policy it cannot hold.
std::string exported_policy(const Policy& policy, const std::string& format, const std::string& name);

/// Largest difference between actions of the exported content and those of these episodes. A header is compiled by
/// `$CXX`, or `c++`. Throws Error when it cannot be run.
double export_difference(const Policy& policy, const std::string& format, const std::string& name,
                         const std::string& content, const std::vector<ActedEpisode>& episodes);
inline constexpr double kMostExportDifference = 1e-5;

}  // namespace understudy
