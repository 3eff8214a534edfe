#include "irl/experts/expert_distance.h"

#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "irl/experts/expert_atoms.h"

namespace understudy {
ExpertDistance::ExpertDistance(const ExpertTransitions& expert, Eigen::Index most_atoms)
    : atoms_(pair_atoms(expert.observations, expert.actions, false).values) {
  if (atoms_.rows() > most_atoms) {
    const Eigen::Index stride = (atoms_.rows() + most_atoms - 1) / most_atoms;
    atoms_ = Matrix(atoms_(Eigen::seqN(0, (atoms_.rows() + stride - 1) / stride, stride), Eigen::all));
  }
  standardiser_ = atom_standardiser(atoms_);
  standardiser_.apply(atoms_);
}

double ExpertDistance::operator()(ConstMatrixRef observations, ConstMatrixRef actions) const {
  Matrix pairs = pair_atoms(observations, actions, false).values;
  standardiser_.apply(pairs);
  return exact_coupling(ground_cost(GroundCost::kEuclidean, pairs, atoms_), uniform_weights(pairs.rows()),
                        uniform_weights(atoms_.rows()))
      .cost;
}

double ExpertDistance::diameter() const {
  return static_cast<double>(ground_cost(GroundCost::kEuclidean, atoms_, atoms_).maxCoeff());
}

}  // namespace understudy
