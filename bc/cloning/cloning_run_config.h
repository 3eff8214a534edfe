#pragma once
/// \file All options of a cloning run.

#include "bc/cloning/cloning.h"
#include "bc/runs/run_config.h"

namespace understudy {

struct CloningRunConfig : RunConfig {
  CloningConfig cloning;          ///< its seed is not used: the run's is
  double validation_share = 0.1;  ///< of the episodes, held out (bc/cloning/cloning_data.h), in [0, 1)
  int blas_threads = 1;           ///< for matrix products, >= 1; results may depend on it

  CloningRunConfig();
};

/// All of them, in the order in which the command line shows them.
SettingList settings(CloningRunConfig& config);

/// Throws UsageError naming the option.
void validate(const CloningRunConfig& config);

}  // namespace understudy
