#pragma once
/// \file Demonstrations as the transitions that inverse reinforcement learning imitates.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bc/policies/normaliser.h"
#include "datasets/types/episode.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/environment.h"

namespace understudy {

/// Transitions of an expert, episode after episode. What subsampling left out is gone.
struct ExpertTransitions {
  Matrix observations;                   ///< [N, obs_dim]
  Matrix actions;                        ///< [N, act_dim] in [-1, 1]
  Matrix next_observations;              ///< [N, obs_dim]
  std::vector<std::uint8_t> terminated;  ///< [N] 1: o_{t+1} is absorbing
  int subsample = 1;  ///< a terminated last one was kept for certain, others with 1/subsample

  int size() const { return static_cast<int>(actions.rows()); }
};

/// Which demonstrations to imitate, and how much of each.
struct ExpertChoice {
  std::string data;   ///< demonstrations, HDF5
  int demos = 0;      ///< the first so many episodes; 0: all
  int subsample = 1;  ///< keep every K-th transition, from a random one of the first K on; an episode's last
                      ///< transition is kept as well if it terminated (DAC, PWIL)
  bool all_episodes = false;  ///< failed ones too, where the task has a success criterion
};

/// What was read, with what a run writes down about it.
struct ExpertData {
  ExpertTransitions transitions;  ///< raw
  Normaliser normaliser;          ///< mean and deviation of all their observations, those left out included
  std::string sha256;             ///< of the file
  int episodes = 0;
  double mean_return = 0;  ///< of the recorded rewards
  double mean_length = 0;  ///< steps
};

/// Number of the stream of a run's seed that its offsets are drawn from.
inline constexpr RngStream kExpertStream = RngStream::kDemonstrations;

/// Reads the demonstrations of the task. `rng` draws the offsets. Throws Error naming file and finding: no such
/// file, another task, spaces that differ, no episode, an episode of fewer than two transitions, values that are
/// not finite, no transition left after subsampling.
ExpertData load_expert_data(const ExpertChoice& choice, const EnvironmentSpec& spec, Rng& rng);

/// The same of episodes at hand, without a file. At least one; at least one transition must be left.
ExpertData expert_data_of(const std::vector<Episode>& episodes, int subsample, Rng& rng);

/// Like fit_normaliser, but an entry that never changes keeps scale 1: what the learner does there must be seen.
Normaliser fit_expert_normaliser(ConstMatrixRef observations);

}  // namespace understudy
