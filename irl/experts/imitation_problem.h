#pragma once
/// \file What learners that imitate are made for, and how they draw the expert's transitions.

#include <cstdint>
#include <memory>

#include "bc/networks/mlp_device.h"
#include "datasets/types/rng.h"
#include "irl/contract/transition.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// What a reward learner is made for.
struct ImitationProblem {
  const ExpertTransitions* expert = nullptr;  ///< normalised like the agent's; must outlive the learner
  int environments = 1;                       ///< streams of Steps
  int horizon = 0;                            ///< the most steps of an episode
  double gamma = 0.99;                        ///< discount of the RL learner, in [0, 1)
  std::uint64_t seed = 1;                     ///< of everything random in the learner
  std::shared_ptr<MlpDevice> device{};        ///< of the networks' larger passes; null: the CPU

  int obs_dim() const { return static_cast<int>(expert->observations.cols()); }
  int act_dim() const { return static_cast<int>(expert->actions.cols()); }
};

/// Throws Error, one line, unless there are at least two transitions, all numbers are finite and all parts
/// have one length. Throws UsageError for a gamma out of range.
void check_imitation_problem(const ImitationProblem& problem);

/// Draws transitions with replacement into rows [0, rows) of a batch that has at least as many. All of the
/// episodes' steps count alike: where steps were left out by subsampling, terminal ones, which never are,
/// come up the less often. Leaves rewards and discounts alone.
void draw_expert(const ExpertTransitions& expert, int rows, Rng& rng, TransitionBatch& out);

}  // namespace understudy
