#pragma once
/// \file PWIL's reward (Dadashi, Hussenot, Geist, Pietquin 2021, "Primal Wasserstein Imitation Learning",
/// section 3): the learner's steps are coupled to the expert's atoms greedily as they happen, and
///   r_i = alpha exp(-sigma c_i),  sigma = beta T / sqrt(dim),  c_i = sum_j theta_ij |x_i - e_j|,
/// where every step carries mass 1/T and every one of D atoms 1/D. Distances are Euclidean after
/// each entry is divided by the standard deviation of the atoms. The sum of c over an episode of T
/// steps bounds W1 from above.
///
/// Rewards are positive and an episode that terminates earns nothing more: that suits tasks that end in
/// failure, and teaches to dawdle where an episode ends with success.
///
/// As in the authors' code a step carries 1e-6 less than 1/T, lest rounding open another atom. Departures
/// from it: dim counts what is imitated, so for states alone it is obs_dim (as in Acme); once all atoms are
/// used up the reward is 0 until the next episode (as in Acme) instead of an error.

#include <vector>

#include "bc/policies/normaliser.h"
#include "datasets/types/matrix.h"
#include "irl/experts/expert_atoms.h"

namespace understudy {

struct PwilConfig {
  double alpha = 5;    ///< reward of a perfect match, above 0 (section 4)
  double beta = 5;     ///< how fast the reward falls with distance, at least 0 (section 4)
  int horizon = 1000;  ///< T: steps of a full episode of the task, in [1, 100000]; not of the one at hand
};

/// Throws UsageError naming the field.
void validate(const PwilConfig& config);

/// The rewards of one learner's steps in time order. Not Markov: what a step earns depends on the
/// atoms that earlier ones left, so a reward is stored with its step and never computed anew. A
/// copy goes on independently.
class PwilReward {
 public:
  /// Throws Error when there is no atom or one is not finite, UsageError as `validate` does.
  explicit PwilReward(const ExpertAtoms& atoms, const PwilConfig& config = {});

  /// To be called at the start of every episode: all atoms have their full mass again.
  void reset();

  /// r for the next step: `observation` `[obs_dim]` and the `action` `[act_dim]` taken there (not read when
  /// states alone are imitated). In [0, alpha]. Ties go to the atom of lowest index. No allocation. Throws
  /// Error when an entry is not finite.
  double reward(ConstVectorRef observation, ConstVectorRef action);

  /// Sum of c over this episode's steps; after T of them at least W1 to the atoms (but for the 1e-6 above).
  double episode_cost() const { return episode_cost_; }
  /// Atoms that have mass left.
  int live_atoms() const { return live_; }
  /// A step found no mass left; it and all later ones of this episode earn 0.
  bool exhausted() const { return exhausted_; }

 private:
  int nearest() const;
  void remove(int slot);
  float& entry(int slot, int dimension);

  PwilConfig config_;
  int obs_dim_;
  int act_dim_;
  int atoms_;
  double sigma_;
  double step_mass_;
  Normaliser standardiser_;
  // Live atoms fill the first slots; the others stay behind them for the next episode.
  Vector values_;                  ///< standardised, in blocks as kernels::squared_distances wants them
  std::vector<float> squared_;     ///< [slots] squared distances to the step at hand; infinity where not live
  std::vector<int> rank_;          ///< [slots] index of the atom there
  std::vector<int> slot_of_;       ///< [atoms] inverse of rank_
  std::vector<double> mass_left_;  ///< [slots]
  Vector query_;                   ///< [dim] standardised step
  int live_ = 0;
  bool exhausted_ = false;
  double episode_cost_ = 0;
};

}  // namespace understudy
