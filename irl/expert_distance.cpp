#include "irl/expert_distance.h"

#include "irl/exact_coupling.h"
#include "irl/expert_atoms.h"
#include "irl/ground_cost.h"

namespace understudy {
namespace {

constexpr Eigen::Index kMostAtoms = 2000;

}  // namespace

ExpertDistance::ExpertDistance(const ExpertTransitions& expert)
    : atoms_(pair_atoms(expert.observations, expert.actions, false).values) {
  if (atoms_.rows() > kMostAtoms) {
    const Eigen::Index stride = (atoms_.rows() + kMostAtoms - 1) / kMostAtoms;
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

}  // namespace understudy
