#pragma once
/// \file `understudy train` for reinforcement learning and inverse reinforcement learning.

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds one subcommand per learner of irl/runs/learners.h to `train`.
void add_rl_learners(CLI::App& train);

}  // namespace understudy::tools
