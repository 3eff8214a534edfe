#include "irl/experts/expert_distance.h"

#include <cmath>

#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "irl/experts/expert_atoms.h"

namespace understudy {
namespace {

ExactCoupling coupling_of(const Matrix& from, const Matrix& to) {
  return exact_coupling(ground_cost(GroundCost::kEuclidean, from, to), uniform_weights(from.rows()),
                        uniform_weights(to.rows()));
}

}  // namespace

ExpertDistance::ExpertDistance(const ExpertTransitions& expert, Eigen::Index most_atoms)
    : states_only_(expert.states_only),
      atoms_(pair_atoms(expert.observations, expert.actions, states_only_).values) {
  if (atoms_.rows() > most_atoms) {
    const Eigen::Index stride = (atoms_.rows() + most_atoms - 1) / most_atoms;
    atoms_ = Matrix(atoms_(Eigen::seqN(0, (atoms_.rows() + stride - 1) / stride, stride), Eigen::all));
  }
  standardiser_ = atom_standardiser(atoms_);
  standardiser_.apply(atoms_);
}

ExpertDistance::Result ExpertDistance::operator()(ConstMatrixRef observations, ConstMatrixRef actions) const {
  Matrix pairs = pair_atoms(observations, actions, states_only_).values;
  standardiser_.apply(pairs);
  const ExactCoupling coupling = coupling_of(pairs, atoms_);
  Eigen::VectorXd moved = Eigen::VectorXd::Zero(pairs.rows());
  for (const PlanEntry& entry : coupling.plan) {
    const auto apart = (pairs.row(entry.row) - atoms_.row(entry.column)).norm();
    moved(entry.row) += entry.mass * static_cast<double>(pairs.rows()) * static_cast<double>(apart);
  }
  const double steepness = kSteepness / std::sqrt(static_cast<double>(pairs.cols()));
  return {.distance = coupling.cost, .likeness = (-steepness * moved).array().exp().mean()};
}

double ExpertDistance::reach() const {
  const Eigen::Index half = atoms_.rows() / 2;
  if (half < 2) return 0;
  return coupling_of(atoms_(Eigen::seqN(0, half, 2), Eigen::all), atoms_(Eigen::seqN(1, half, 2), Eigen::all))
      .cost;
}

double ExpertDistance::diameter() const {
  return static_cast<double>(ground_cost(GroundCost::kEuclidean, atoms_, atoms_).maxCoeff());
}

}  // namespace understudy
