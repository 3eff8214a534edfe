#pragma once
/// \file Real episodes simulated anew, with parameters under test: the same policy, the same seeds, so that what a task
/// draws at the start is the same, on all cores.

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "envs/contract/actor.h"
#include "envs/randomisation/randomisation.h"
#include "irl/calibration/discrepancy.h"

namespace understudy {

/// What is simulated, and what it is compared with.
struct SimulationProblem {
  std::string environment;
  ActorFactory make_actor;
  std::vector<std::string> keys;  ///< of the quantities under test (envs/contract/variation.h)
  Randomisation others{};         ///< what else varies, drawn for each episode's seed
  std::vector<Episode> real{};    ///< at least one
  DiscrepancyConfig discrepancy{};
  int threads = 0;  ///< 0: one per core; nothing depends on it
};

struct SimulatedRollouts {
  Eigen::VectorXd costs;       ///< [samples] mean discrepancy from the real episodes
  Eigen::MatrixXd statistics;  ///< [samples, statistics] mean over the simulations of them
  std::int64_t steps = 0;      ///< simulated
};

/// Simulates every real episode once with each row of `parameters` `[samples, keys]`. An episode that comes to numbers
/// that are not finite costs as much as the worst that is. `go_on`, if given, is called from one thread at a time after
/// each episode with how many there are by now; false stops, and Interrupted is thrown. Throws Error when the real
/// episodes are not of the task.
SimulatedRollouts simulate_rollouts(const SimulationProblem& problem, const Eigen::MatrixXd& parameters,
                                    const std::function<bool(int episodes)>& go_on = {});

/// Real episode `index` simulated with `parameters` `[keys]`.
Episode simulated_rollout(const SimulationProblem& problem, std::size_t index,
                          const Eigen::VectorXd& parameters);

/// The statistics of the real episodes, `[statistics]`.
Eigen::VectorXd real_statistics(const SimulationProblem& problem);

}  // namespace understudy
