#pragma once
/// \file Demonstrations as the transitions that inverse reinforcement learning imitates.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/policies/normaliser.h"
#include "datasets/format/demonstration_choice.h"
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
  bool states_only = false;  ///< what was done is not known: actions are zeros that nothing may look at
  int subsample = 1;         ///< a terminated last one was kept for certain, others with 1/subsample

  int size() const { return static_cast<int>(actions.rows()); }
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

/// Reads the demonstrations of the task. Beside the chosen steps an episode's last transition is kept as well
/// if it terminated (DAC, PWIL). `rng` draws the first steps (demonstration_rng). Throws like
/// fit_demonstrations and choose_demonstrations, and Error naming the file for an episode of fewer than
/// two transitions, values that are not finite, or no transition left after subsampling.
ExpertData load_expert_data(const DemonstrationChoice& choice, const EnvironmentSpec& spec, Rng& rng);

/// The same of episodes at hand and the first steps that are kept of them. At least one; at least one
/// transition must be left.
ExpertData expert_data_of(const std::vector<Episode>& episodes, const std::vector<int>& firsts,
                          const DemonstrationChoice& choice);

/// Like fit_normaliser, but an entry that never changes keeps scale 1: what the learner does there must be
/// seen.
Normaliser fit_expert_normaliser(ConstMatrixRef observations);

}  // namespace understudy
