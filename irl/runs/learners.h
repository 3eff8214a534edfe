#pragma once
/// \file The lists of RL learners and reward learners. A new one is its own pair of files and
/// one line in learners.cpp.

#include <memory>
#include <string>
#include <vector>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/contract/rl_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

/// Options of one RL learner, and the learner made from them.
class RlOptions {
 public:
  virtual ~RlOptions() = default;
  virtual SettingList settings() = 0;
  /// `expert` is null unless the learner is made for imitation itself. Throws UsageError and Error.
  virtual std::unique_ptr<RlLearner> make(const RlProblem& problem,
                                          const ExpertTransitions* expert) const = 0;
  /// Throws UsageError when these options do not go with the reward.
  virtual void check(const RewardLearner& reward) const = 0;
};

struct RlKind {
  std::string name;     ///< e.g. "sac"
  std::string summary;  ///< one line, with the source
  bool imitates;        ///< learns from the expert itself, without a reward learner
  bool from_states;     ///< and can do so without the expert's actions
  std::unique_ptr<RlOptions> (*options)();
};

class RewardOptions {
 public:
  virtual ~RewardOptions() = default;
  virtual SettingList settings() = 0;
  /// Throws UsageError and Error.
  virtual std::unique_ptr<RewardLearner> make(const ImitationProblem& problem) const = 0;
};

struct RewardKind {
  std::string name;     ///< e.g. "pwil"
  std::string summary;  ///< one line, with the source
  std::string rl;       ///< RL learner that goes with it by default
  bool from_states;     ///< can do without the expert's actions
  std::unique_ptr<RewardOptions> (*options)();
};

const std::vector<RlKind>& rl_kinds();
/// Without the task's own reward, which every RL learner takes when there is nothing to imitate.
const std::vector<RewardKind>& reward_kinds();

/// Throws UsageError that lists the known names.
const RlKind& rl_kind(const std::string& name);
/// Null for "task". Throws UsageError that lists the known names.
const RewardKind* reward_kind(const std::string& name);

}  // namespace understudy
