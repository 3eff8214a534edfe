#include "irl/tabular/tabular_mdp.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

bool is_distribution(const Eigen::VectorXd& values) {
  return values.allFinite() && values.minCoeff() >= 0 && std::abs(values.sum() - 1) < 1e-9;
}

}  // namespace

void validate(const TabularMdp& mdp) {
  const int states = mdp.states();
  if (mdp.horizon < 1) {
    throw Error("tabular mdp: want a horizon of at least 1 action, found " + std::to_string(mdp.horizon));
  }
  if (states < 1 || mdp.actions() < 1) throw Error("tabular mdp: want at least one state and one action");
  if (!is_distribution(mdp.initial)) {
    throw Error("tabular mdp: want initial probabilities that sum to 1, found " +
                std::to_string(mdp.initial.sum()));
  }
  for (int a = 0; a < mdp.actions(); ++a) {
    const Eigen::MatrixXd& p = mdp.transitions[static_cast<std::size_t>(a)];
    if (p.rows() != states || p.cols() != states) {
      throw Error("tabular mdp: transitions of action " + std::to_string(a) + ": want shape [" +
                  std::to_string(states) + ", " + std::to_string(states) + "], found [" +
                  std::to_string(p.rows()) + ", " + std::to_string(p.cols()) + "]");
    }
    for (int s = 0; s < states; ++s) {
      if (is_distribution(p.row(s).transpose())) continue;
      throw Error("tabular mdp: transitions of action " + std::to_string(a) + " from state " +
                  std::to_string(s) + ": want probabilities that sum to 1, found " +
                  std::to_string(p.row(s).sum()));
    }
  }
}

Eigen::MatrixXd state_probabilities(const TabularMdp& mdp, const TabularPolicy& policy) {
  if (static_cast<int>(policy.size()) != mdp.horizon) {
    throw Error("tabular policy: want " + std::to_string(mdp.horizon) + " steps, found " +
                std::to_string(policy.size()));
  }
  Eigen::MatrixXd probabilities(mdp.horizon + 1, mdp.states());
  Eigen::VectorXd now = mdp.initial;
  probabilities.row(0) = now.transpose();
  for (int t = 0; t < mdp.horizon; ++t) {
    Eigen::VectorXd next = Eigen::VectorXd::Zero(mdp.states());
    for (int a = 0; a < mdp.actions(); ++a) {
      const auto chosen = policy[static_cast<std::size_t>(t)].col(a);
      next += mdp.transitions[static_cast<std::size_t>(a)].transpose() * now.cwiseProduct(chosen);
    }
    now = next;
    probabilities.row(t + 1) = now.transpose();
  }
  return probabilities;
}

TabularMdp grid_world(const GridWorld& world) {
  const int states = world.width * world.height;
  if (world.width < 1 || world.height < 1 || world.start < 0 || world.start >= states) {
    throw Error("grid world: want a start within at least one cell, found start " +
                std::to_string(world.start) + " of " + std::to_string(world.width) + " by " +
                std::to_string(world.height));
  }
  if (!(world.slip >= 0 && world.slip <= 1)) {
    throw Error("grid world: want a slip probability in [0, 1], found " + std::to_string(world.slip));
  }
  constexpr int kColumnStep[] = {0, 1, 0, -1};
  constexpr int kRowStep[] = {-1, 0, 1, 0};
  std::vector<Eigen::MatrixXd> moves(4, Eigen::MatrixXd::Zero(states, states));
  for (int a = 0; a < 4; ++a) {
    for (int s = 0; s < states; ++s) {
      const int column = std::clamp(s % world.width + kColumnStep[a], 0, world.width - 1);
      const int row = std::clamp(s / world.width + kRowStep[a], 0, world.height - 1);
      moves[static_cast<std::size_t>(a)](s, row * world.width + column) = 1;
    }
  }
  const Eigen::MatrixXd any = (moves[0] + moves[1] + moves[2] + moves[3]) / 4;
  TabularMdp mdp;
  for (const Eigen::MatrixXd& move : moves)
    mdp.transitions.push_back((1 - world.slip) * move + world.slip * any);
  mdp.initial = Eigen::VectorXd::Unit(states, world.start);
  mdp.horizon = world.horizon;
  validate(mdp);
  return mdp;
}

}  // namespace understudy
