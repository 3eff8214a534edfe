#include "irl/rewards/transport_reward.h"

#include "irl/couplings/ground_cost.h"
#include "irl/experts/expert_atoms.h"

namespace understudy {

TransportReward::TransportReward(const ImitationProblem& problem, bool state_only)
    : state_only_(state_only || problem.expert->states_only) {
  const ExpertAtoms atoms = pair_atoms(problem.expert->observations, problem.expert->actions, state_only_);
  standardiser_ = atom_standardiser(atoms.values);
  atoms_ = atoms.values;
  standardiser_.apply(atoms_);
}

void TransportReward::score(Steps& steps) {
  const Eigen::Index obs_dim = steps.observations.cols();
  Matrix episode(steps.size(), atoms_.cols());
  episode.leftCols(obs_dim) = steps.observations;
  if (!state_only_) episode.rightCols(steps.actions.cols()) = steps.actions;
  standardiser_.apply(episode);
  costs_.resize(episode.rows());
  cost_.add(step_costs(episode, costs_) / static_cast<double>(episode.rows()));
  for (Eigen::Index t = 0; t < costs_.size(); ++t)
    steps.rewards(t) = static_cast<float>(reward_of(costs_(t)));
  reward_.add(static_cast<double>(steps.rewards.mean()));
}

void TransportReward::report(Metrics& metrics) {
  metrics.set("imitation_reward", reward_.take());
  metrics.set("coupling_cost", cost_.take());
}

void TransportReward::serialise(Archive& archive) {
  reward_.serialise(archive);
  cost_.serialise(archive);
}

double TransportReward::sinkhorn_costs(const CostMatrix& cost, const SinkhornConfig& config,
                                       SinkhornCoupling& coupling, Eigen::VectorXd& costs) {
  coupling = sinkhorn_coupling(cost, uniform_weights(cost.rows()), uniform_weights(cost.cols()), config);
  costs = coupling.plan.cwiseProduct(cost).rowwise().sum() * static_cast<double>(cost.rows());
  return costs.sum();
}

}  // namespace understudy
