#pragma once
/// \file All options of a reinforcement-learning or inverse-RL run, and their text forms.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "irl/experts/expert_transitions.h"

namespace understudy {

struct RlRunConfig {
  std::string learner;          ///< name of the command, e.g. "pwil", "sac"
  std::string reward;           ///< reward learner; "task": the task's own reward
  std::string rl;               ///< RL learner
  std::string environment;      ///< task id
  std::string out;              ///< run directory to be made
  ExpertChoice expert;          ///< data is empty when nothing is imitated
  bool random_control = false;  ///< imitate a random actor's episodes, as many as the demonstrations, instead
  std::string warm_start{};     ///< policy file to begin with; may be empty
  std::uint64_t seed = 1;       ///< at most 9999
  int steps = 1'000'000;        ///< of the environments, together
  int environments = 1;         ///< stepped together
  int threads = 1;              ///< for updates, environments and evaluation; results may depend on it
  std::string device = "cpu";  ///< of the networks' larger passes (bc/mlp_device.h); results may depend on it
  int evaluate_every = 10'000;  ///< steps
  int evaluation_episodes = 10;
  int final_episodes = 100;
  /// Which of the evaluated policies is the run's: "best" by the task's reward, "closest" to the
  /// demonstrations, which never looks at that reward (Hussenot et al. 2021), or "last".
  std::string keep;
  std::string randomise{};      ///< file that `randomisation` is from; may be empty
  std::string randomisation{};  ///< text form of what all episodes are varied by
  std::vector<std::pair<std::string, std::string>>
      settings{};  ///< of the RL learner, then of the reward; resolved
};

/// Throws UsageError naming the option.
void validate(const RlRunConfig& config);

/// The resolved options as TOML that `understudy train LEARNER --config` accepts.
std::string to_toml(const RlRunConfig& config);
/// Those of them that say how the policy came about: without output directory, files without their folders.
std::string to_policy_toml(const RlRunConfig& config);

/// As a JSON object, and back. Throws Error beginning with `place` when the text is not what to_json wrote.
std::string to_json(const RlRunConfig& config);
RlRunConfig rl_run_config_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
