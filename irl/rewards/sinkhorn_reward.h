#pragma once
/// \file Sinkhorn imitation (Papagiannis, Li 2020, "SIL"): -scale c_i + bonus, c_i a step's cost (see
/// transport_reward.h) in a Sinkhorn coupling under the cosine cost of features that a critic learns to tell
/// learner and expert apart, by ascending the cost; or, without the critic, of the entries themselves.
///
/// Departures: rewards are T times theirs; the critic steps once per episode.

#include <memory>
#include <vector>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/couplings/coupling.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

struct SilConfig {
  double scale = 2;  ///< (Papagiannis, Li's code)
  double bonus = 4;  ///< per step: rewards are never negative, for a cosine cost is at most 2 (their code)
  bool learn_cost = true;             ///< false: the cosine of the entries themselves
  std::vector<int> hidden{128, 128};  ///< of the critic (Papagiannis, Li)
  int features = 30;                  ///< that it gives (Papagiannis, Li)
  double learning_rate = 5e-4;        ///< Adam's (Papagiannis, Li)
  double epsilon = 0.01;              ///< weight of the entropy (Papagiannis, Li)
  int iterations = 100;               ///< of Sinkhorn's
};

SettingList settings(SilConfig& config);

/// Throws UsageError for options out of range.
std::unique_ptr<RewardLearner> make_sil(const ImitationProblem& problem, const SilConfig& config);

/// Mean over pairs of plan * (1 - cos(x_r, y_c)), summed, and its derivatives by the rows of both for the
/// plan held fixed (which is the whole derivative of the entropic cost: Danskin). `x` `[rows, dim]`, `y`
/// `[columns, dim]`.
double cosine_cost_gradient(const CostMatrix& plan, ConstMatrixRef x, ConstMatrixRef y, MatrixRef x_gradient,
                            MatrixRef y_gradient);

}  // namespace understudy
