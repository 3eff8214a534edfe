#pragma once
/// \file What whoever starts a training run hears of it, and how they stop it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bc/parallel/ranks.h"
#include "bc/policies/policy.h"
#include "bc/runs/candidates.h"
#include "bc/runs/run_result.h"
#include "envs/contract/environment.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// A task as training sees it.
struct TrainingTask {
  EnvironmentSpec spec;
  /// Runs the policy on episodes `options.seed`, `options.seed + 1`, ...
  std::function<std::vector<EpisodeOutcome>(const Policy&, const EvaluationOptions&)> evaluate;
};

/// The registered task called `id`; throws UsageError like make_environment.
TrainingTask registered_task(const std::string& id);

/// Where a run stands.
struct RunProgress {
  std::string unit;  ///< "epoch" or "step"
  int count = 0;     ///< units finished
  int total = 0;
  std::string note;            ///< one line about training; may be empty
  std::optional<Trial> trial;  ///< the latest evaluation
  std::string activity;        ///< "training", "evaluating", "final evaluation"
  double done = 0;             ///< share of the present activity
};

struct RunHooks {
  std::function<void(const RunProgress&)> progress{};  ///< may be empty
  std::function<bool()> stop{};                        ///< true: save and stop; may be empty
  std::function<bool()> terminated{};            ///< true: it was a scheduler that said stop; may be empty
  std::function<void()> terminated_elsewhere{};  ///< called when it said so to another rank; may be empty
  std::function<TrainingTask(const std::string& id)> task = registered_task;
  std::shared_ptr<Ranks> ranks = single_rank();      ///< that train together
  std::function<void(const std::string&)> remark{};  ///< hears what is noteworthy, one line; may be empty
};

}  // namespace understudy
