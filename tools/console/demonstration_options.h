#pragma once
/// \file `--data FILE --demos N --subsample K` of `eval`: a policy beside demonstrations. Only with LibTorch,
/// like all that imitates.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/format/demonstration_choice.h"
#include "envs/contract/actor.h"
#include "envs/randomisation/randomisation.h"
#include "envs/rollouts/evaluation.h"

namespace CLI {
class App;
}

namespace understudy::tools {

void add_demonstration_options(CLI::App& command, DemonstrationChoice& choice);

struct Likeness {
  InterquartileMean middle;          ///< of the returns
  double demonstrations_return = 0;  ///< mean
  /// Exact W1 to the demonstrations (irl/experts/policy_distance.h), mean over the first five episodes.
  double distance = 0;
};

/// Compares a policy, by its episodes of the task and actors of it.
using Compare =
    std::function<Likeness(const std::vector<EpisodeOutcome>& outcomes, const ActorFactory& make_actor)>;

/// Reads the demonstrations; empty when none are chosen. With a run's own `seed` they are the transitions
/// that it imitated. Throws UsageError when they are chosen from nothing, Error like load_expert_data.
Compare load_comparison(const DemonstrationChoice& choice, const std::string& environment_id,
                        const Randomisation& randomisation, std::uint64_t seed);

/// The first step at which an episode's observations `[T + 1, obs_dim]` leave the demonstrations.
using Leaving = std::function<std::optional<int>(ConstMatrixRef observations)>;

/// Reads the demonstrations, all steps of each; empty when none are chosen, or a single one. Throws like
/// load_comparison.
Leaving load_leaving(const DemonstrationChoice& choice, const std::string& environment_id,
                     std::uint64_t seed);

}  // namespace understudy::tools
