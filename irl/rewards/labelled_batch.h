#pragma once
/// \file Transitions of expert and agent side by side, for a discriminator to tell apart.
///
/// A subsampled expert keeps its last transition for certain and every other one with chance 1/K, so that one
/// weighs 1/K. Nothing tells the discriminator of time limits; absorbing states are TerminationRates'
/// business.

#include <cstdint>
#include <vector>

#include "datasets/storage/archive.h"
#include "irl/contract/transition.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

/// The expert's rows come first. Matrices have room for more than `rows`; what lies beyond means nothing.
struct LabelledBatch {
  int rows = 0;
  int experts = 0;           ///< rows of the expert
  Matrix observations;       ///< [>= rows, obs_dim]
  Matrix actions;            ///< [>= rows, act_dim]
  Matrix next_observations;  ///< [>= rows, obs_dim]
  std::vector<std::uint8_t> terminated;
  Vector weights;  ///< [>= rows], > 0; the expert's sum to 1/2, the agent's too
};

class LabelledBatches {
 public:
  /// `batch` transitions of either side at the most.
  LabelledBatches(const ImitationProblem& problem, int batch);

  /// As many transitions of the expert as of the agent, drawn with replacement; if the agent's are no more
  /// than `batch`, each of them once. The result lasts until the next draw.
  const LabelledBatch& draw(const TransitionBatch& agent, Rng& rng);

 private:
  void append(ConstMatrixRef observations, ConstMatrixRef actions, ConstMatrixRef next_observations,
              std::uint8_t terminated);
  /// Shares out the weight of the side that begins at `first`.
  void weigh_side(int first, float termination_weight);

  ImitationProblem problem_;
  int batch_;
  LabelledBatch rows_;
};

}  // namespace understudy
