#pragma once
/// \file `understudy train` for reinforcement learning and inverse reinforcement learning.

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds one subcommand per learner of irl/learners.h to `train`.
void add_rl_learners(CLI::App& train);

/// Continues a run of theirs, until `steps` in all and on another device where those are given.
void resume_rl_run(const std::string& run, std::optional<int> steps,
                   const std::optional<std::string>& device);

}  // namespace understudy::tools
