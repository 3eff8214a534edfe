#pragma once
/// \file Automatic domain randomisation of a run: how training episodes end moves the ranges that later ones are drawn
/// from (envs/randomisation/adaptive_randomisation.h).

#include <vector>

#include "bc/runs/metrics.h"
#include "datasets/storage/archive.h"
#include "envs/randomisation/adaptive_randomisation.h"
#include "envs/rollouts/batched_environment.h"

namespace understudy {

class AdaptiveCurriculum {
 public:
  /// `randomisation` adapts. Throws UsageError when `spec` has no success to go by and no return is given instead.
  AdaptiveCurriculum(const Randomisation& randomisation, const EnvironmentSpec& spec, int environments);

  const AdaptiveRandomisation& randomisation() const { return randomisation_; }

  /// Counts one step of every environment, row by row.
  void add(const BatchedEnvironment& environments, const BatchStep& step);

  /// Adds both ends of every range.
  void report(Metrics& metrics) const;

  void serialise(Archive& archive);

 private:
  AdaptiveRandomisation randomisation_;
  std::vector<double> returns_;  ///< of the episodes under way
};

}  // namespace understudy
