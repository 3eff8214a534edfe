#pragma once
/// \file Finite Markov decision processes of a fixed horizon, for methods that can be checked exactly.

#include <Eigen/Core>
#include <vector>

namespace understudy {

/// States s, actions a; an episode takes `horizon` actions.
struct TabularMdp {
  std::vector<Eigen::MatrixXd>
      transitions;          ///< [actions] of [states, states]: P(s' | s, a) in row s, column s'
  Eigen::VectorXd initial;  ///< [states] probability of starting there
  int horizon = 0;          ///< H, actions per episode

  int states() const { return static_cast<int>(initial.size()); }
  int actions() const { return static_cast<int>(transitions.size()); }
};

/// Throws Error naming the first row that is no probability distribution (to 1e-9), a wrong
/// shape, or a horizon below 1.
void validate(const TabularMdp& mdp);

/// One policy a time step: `[H]` of [states, actions], pi_t(a | s).
using TabularPolicy = std::vector<Eigen::MatrixXd>;

/// Probability of being in each state before each action, and after the last: `[H + 1, states]`.
Eigen::MatrixXd state_probabilities(const TabularMdp& mdp, const TabularPolicy& policy);

struct GridWorld {
  int width = 5;      ///< cells; state = row * width + column
  int height = 5;     ///< cells
  double slip = 0.1;  ///< probability that the move goes in a direction drawn uniformly instead
  int start = 0;      ///< state
  int horizon = 20;   ///< H
};

/// Four actions: up, right, down, left, by one cell; a move against the border stays. Throws Error for sizes
/// below 1, a slip outside [0, 1] or a start outside the grid.
TabularMdp grid_world(const GridWorld& world);

}  // namespace understudy
