#pragma once
/// \file Rewards from optimal transport between a whole episode and the demonstrations, given when the episode has ended:
/// step i costs c_i = T sum_j P_ij C_ij, its share of the coupling P with the expert's atoms, T being the episode's length.
///   OTR     alpha exp(-beta c_i / dim): Sinkhorn, cosine cost, observations alone (Luo et al. 2023; dim = obs_dim)
///   Sliced  alpha exp(-beta c_i): Wasserstein along random lines, where c_i is the root mean square over lines of how far
///           the step must go (Rabin et al. 2011 for the distance; as a reward ours, after PWIL)
///   SIL     -scale c_i + bonus: Sinkhorn on the cosine cost of features that a critic learns to tell learner and expert
///           apart, by ascending the cost (Papagiannis, Li 2020), or, without the critic, of the entries themselves
/// Entries are divided by the standard deviation of the atoms.
///
/// OTR's and Sliced's rewards are positive and an episode that terminates earns nothing more, as with PWIL: they suit tasks
/// that end in failure, and teach to dawdle where an episode ends with success.
///
/// Departures: OTR takes all demonstrations as one measure instead of the best of them; SIL's rewards are T times theirs; the critic steps once per episode.

#include <memory>
#include <string>
#include <vector>

#include "irl/couplings/coupling.h"
#include "irl/runs/learners.h"

namespace understudy {

struct OtrConfig {
  double alpha = 5;        ///< (Luo et al.)
  double beta = 5;         ///< (Luo et al.)
  bool state_only = true;  ///< (Luo et al.)
  double epsilon = 0.01;   ///< weight of the entropy (Luo et al.)
  int iterations = 100;    ///< of Sinkhorn's (Luo et al.)
};

struct SlicedRewardConfig {
  double alpha = 5;         ///< as PWIL's
  double beta = 5;          ///< as PWIL's
  bool state_only = false;  ///< imitate observations alone
  int directions = 64;      ///< lines, drawn anew for every episode
};

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

SettingList settings(OtrConfig& config);
SettingList settings(SlicedRewardConfig& config);
SettingList settings(SilConfig& config);

/// All throw UsageError and Error.
std::unique_ptr<RewardLearner> make_otr(const RewardProblem& problem, const OtrConfig& config);
std::unique_ptr<RewardLearner> make_sliced(const RewardProblem& problem, const SlicedRewardConfig& config);
std::unique_ptr<RewardLearner> make_sil(const RewardProblem& problem, const SilConfig& config);

/// Mean over pairs of plan * (1 - cos(x_r, y_c)), summed, and its derivatives by the rows of both for the plan held
/// fixed (which is the whole derivative of the entropic cost: Danskin). `x` `[rows, dim]`, `y` `[columns, dim]`.
double cosine_cost_gradient(const CostMatrix& plan, ConstMatrixRef x, ConstMatrixRef y, MatrixRef x_gradient,
                            MatrixRef y_gradient);

}  // namespace understudy
