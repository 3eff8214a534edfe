#pragma once
/// \file What a run learns with: its RL learner and reward learner by name, their options resolved.

#include <memory>
#include <vector>

#include "irl/runs/learners.h"
#include "irl/runs/rl_run_config.h"

namespace understudy {

struct RlRunOptions {
  std::unique_ptr<RlOptions> rl;
  std::unique_ptr<RewardOptions> reward;  ///< null: the task's own

  /// Takes in `config.settings` and replaces them by all settings there are. Throws UsageError naming the
  /// option that neither learner has, or whose value is out of range.
  explicit RlRunOptions(RlRunConfig& config);

  /// Fills in `problem.gamma`, the RL learner's; the default stays when that has none.
  /// Throws UsageError and Error.
  std::unique_ptr<RewardLearner> make_reward(ImitationProblem problem) const;

  /// Throws UsageError when RL learner and reward do not go together, or when nothing
  /// would be learnt in `steps`.
  void check(const RewardLearner& made, int steps) const;

  /// Widths of the actor's hidden layers.
  std::vector<int> hidden() const;

  /// Of the RL learner, then of the reward.
  SettingList list() const;
};

}  // namespace understudy
