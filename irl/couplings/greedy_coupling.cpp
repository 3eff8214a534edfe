#include "irl/couplings/greedy_coupling.h"

#include <algorithm>

namespace understudy {

GreedyCoupling greedy_coupling(ConstCostRef cost, ConstWeightsRef row_weights,
                               ConstWeightsRef column_weights) {
  check_transport("greedy coupling", cost, row_weights, column_weights);
  GreedyCoupling result;
  result.row_costs = Eigen::VectorXd::Zero(cost.rows());
  Weights room = column_weights;
  std::vector<int> open;  // columns with room, ascending
  for (int c = 0; c < cost.cols(); ++c) {
    if (room(c) > 0) open.push_back(c);
  }
  for (int r = 0; r < cost.rows(); ++r) {
    double mass = row_weights(r);
    // The sums of the two sides differ by rounding, so that a crumb of mass may find no room at the end.
    while (mass > 0 && !open.empty()) {
      const auto nearest =
          std::min_element(open.begin(), open.end(), [&](int a, int b) { return cost(r, a) < cost(r, b); });
      const int column = *nearest;
      const double given = std::min(mass, room(column));
      mass -= given;
      room(column) -= given;
      if (room(column) == 0) open.erase(nearest);
      result.row_costs(r) += given * cost(r, column);
      result.plan.push_back({r, column, given});
    }
  }
  result.cost = result.row_costs.sum();
  return result;
}

}  // namespace understudy
