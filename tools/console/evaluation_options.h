#pragma once
/// \file The episodes that a command evaluates policies on, and doing so.

#include <cstdint>
#include <string>
#include <vector>

#include "envs/contract/actor.h"
#include "envs/rollouts/evaluation.h"

namespace CLI {
class App;
}

namespace understudy::tools {

struct EvaluationChoice {
  int episodes = 200;
  std::uint64_t seed = 1;
  int threads = 0;        ///< 0: one a core
  std::string randomise;  ///< a file, or nothing
};

/// --episodes, --seed, --threads, --randomise.
void add_evaluation_options(CLI::App& command, EvaluationChoice& choice);

/// Evaluates with progress on stderr, in the task varied as `randomisation` says. Of `options` only what is done with
/// episodes and times counts. Throws Interrupted on Ctrl-C, which
/// `handle_interrupts` has to be waiting for.
std::vector<EpisodeOutcome> evaluate_policy(const std::string& name, const ActorFactory& factory,
                                            const std::string& environment,
                                            const Randomisation& randomisation,
                                            const EvaluationChoice& choice, EvaluationOptions options = {});

}  // namespace understudy::tools
