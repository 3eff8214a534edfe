#pragma once
/// \file What rewards from optimal transport between a whole episode and the demonstrations share. They are
/// given when the episode has ended: step i costs c_i = T sum_j P_ij C_ij, its share of the coupling P with
/// the expert's atoms, T being the episode's length. Entries are divided by the standard deviation of the
/// atoms.

#include "bc/policies/normaliser.h"
#include "irl/contract/reward_learner.h"
#include "irl/couplings/sinkhorn_coupling.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

/// Scores episodes against the standardised atoms.
class TransportReward : public RewardLearner {
 public:
  /// `state_only`: atoms are observations, without actions.
  TransportReward(const ImitationProblem& problem, bool state_only);

  bool scores_episodes() const final { return true; }
  void score(Steps& steps) final;
  void report(Metrics& metrics) override;
  void serialise(Archive& archive) override;

 protected:
  /// c of every step of a standardised episode `[T, dim]`; returns their sum.
  virtual double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) = 0;
  virtual double reward_of(double cost) const = 0;

  /// c of a Sinkhorn coupling under a cost `[T, atoms]`, which stays in `coupling`; returns their sum.
  static double sinkhorn_costs(const CostMatrix& cost, const SinkhornConfig& config,
                               SinkhornCoupling& coupling, Eigen::VectorXd& costs);

  const Matrix& atoms() const { return atoms_; }  ///< [atoms, dim] standardised

 private:
  bool state_only_;
  Normaliser standardiser_;
  Matrix atoms_;
  Eigen::VectorXd costs_;
  RunningMean reward_, cost_;
};

}  // namespace understudy
