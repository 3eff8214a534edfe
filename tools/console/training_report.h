#pragma once
/// \file What the training commands show: a progress line, and the result with what to do next.

#include <memory>

#include "bc/parallel/launcher.h"
#include "bc/runs/run_hooks.h"
#include "tools/console/console.h"

namespace CLI {
class App;
}

namespace understudy::tools {

/// Shows a run's progress on stderr and passes Ctrl-C on to it. Of several ranks the first does.
class TrainingReport {
 public:
  /// Whoever was launched with this one trains along; `timeout` is --mpi-timeout.
  explicit TrainingReport(double timeout = kRankTimeout) : ranks_(launched_ranks(timeout)) {}

  RunHooks hooks();

  /// Ends the progress line; prints the result and the command that measures the policy.
  void finish(const RunResult& result);

 private:
  void show(const RunProgress& progress);

  std::shared_ptr<Ranks> ranks_;
  std::unique_ptr<Progress> progress_;  ///< made at the first report, which says where the run starts
  std::unique_ptr<Progress> final_;
};

/// `--mpi-timeout`, in builds that have a use for it.
void add_timeout_option(CLI::App& command, double& timeout);

}  // namespace understudy::tools
