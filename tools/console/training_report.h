#pragma once
/// \file What the training commands show: a progress line, and the result with what to do next.

#include <memory>

#include "bc/runs/run_hooks.h"
#include "tools/console/console.h"

namespace understudy::tools {

/// Shows a run's progress on stderr and passes Ctrl-C on to it.
class TrainingReport {
 public:
  RunHooks hooks();

  /// Ends the progress line; prints the result and the command that measures the policy.
  void finish(const RunResult& result);

 private:
  void show(const RunProgress& progress);

  std::unique_ptr<Progress> progress_;  ///< made at the first report, which says where the run starts
  std::unique_ptr<Progress> final_;
};

}  // namespace understudy::tools
