#pragma once
/// \file Transitions of expert and agent side by side, absorbing states included, for a discriminator to tell apart.
///
/// DAC (Kostrikov et al. 2019, section 4.2) lets an episode that terminates go on in an absorbing state for ever.
/// Here as there the discriminator sees that state once per termination: a row of zeros with the flag `absorbing`.
/// A subsampled expert keeps its last transition for certain and every other one with chance 1/K; so that transition
/// and its absorbing state weigh 1/K (the paper weighs the absorbing states only).
/// Nothing tells the discriminator of time limits.

#include <cstdint>
#include <vector>

#include "irl/archive.h"
#include "irl/imitation_problem.h"
#include "irl/transition.h"

namespace understudy {

/// The expert's rows come first. Matrices have room for more than `rows`; what lies beyond means nothing.
struct LabelledBatch {
  int rows = 0;
  int experts = 0;           ///< rows of the expert, absorbing ones included
  Matrix observations;       ///< [>= rows, obs_dim]
  Matrix actions;            ///< [>= rows, act_dim]
  Matrix next_observations;  ///< [>= rows, obs_dim]
  std::vector<std::uint8_t> terminated;
  std::vector<std::uint8_t> absorbing;  ///< 1: everything else in the row is 0
  Vector weights;                       ///< [>= rows], > 0; the expert's sum to 1/2, the agent's too
};

class LabelledBatches {
 public:
  /// `batch` transitions of either side at the most. Without `absorbing`, transitions only.
  LabelledBatches(const ImitationProblem& problem, int batch, bool absorbing);

  /// As many transitions of the expert as of the agent, drawn with replacement; if the agent's are no more than
  /// `batch`, each of them once. The result lasts until the next draw.
  const LabelledBatch& draw(const TransitionBatch& agent, Rng& rng);

 private:
  void append(ConstMatrixRef observations, ConstMatrixRef actions, ConstMatrixRef next_observations,
              std::uint8_t terminated);
  /// Appends the absorbing rows of the side that begins at `first` and shares out its weight.
  void finish_side(int first, float termination_weight);

  ImitationProblem problem_;
  int batch_;
  bool absorbing_;
  LabelledBatch rows_;
};

}  // namespace understudy
