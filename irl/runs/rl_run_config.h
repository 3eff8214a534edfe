#pragma once
/// \file All options of a reinforcement-learning or inverse-RL run.

#include <string>

#include "bc/runs/run_config.h"

namespace understudy {

struct RlRunConfig : RunConfig {
  std::string reward;           ///< reward learner; "task": the task's own reward
  std::string rl;               ///< RL learner
  bool random_control = false;  ///< imitate a random actor's episodes, as many as the demonstrations, instead
  std::string warm_start{};     ///< policy file to begin with; may be empty
  bool states_only = false;     ///< leave the demonstrations' actions alone
  bool clone = false;  ///< begin at a clone of the demonstrations, which the run makes; not with warm_start
  int steps = 1'000'000;    ///< of the environments, together
  int environments = 1;     ///< stepped together
  SettingTexts settings{};  ///< of the RL learner, then of the reward; resolved

  RlRunConfig();
};

/// What `understudy train LEARNER` does by default. `learner` is the name of a reward learner, or of an RL
/// learner for the task's own reward or for imitation through its value function. Throws UsageError for other
/// names.
RlRunConfig default_rl_run(const std::string& learner);

/// Whether the run learns from demonstrations.
bool imitates(const RlRunConfig& config);

/// The options of the run itself, without those of its learners, in the order in which the command line shows
/// them.
SettingList settings(RlRunConfig& config);

/// Throws UsageError naming the option.
void validate(const RlRunConfig& config);

}  // namespace understudy
