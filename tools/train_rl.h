#pragma once
/// \file `understudy train` for reinforcement learning and inverse reinforcement learning.

#include <optional>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds one subcommand per learner of irl/learners.h to `train`.
void add_rl_learners(CLI::App& train);

/// Continues a run of theirs, until `steps` in all where that is given.
void resume_rl_run(const char* run, std::optional<int> steps);

}  // namespace understudy::tools
