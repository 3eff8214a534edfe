#include "irl/couplings/exact_coupling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "irl/couplings/coupling_loops.h"

namespace understudy {
namespace {

using Units = std::int64_t;
using PivotProgress = std::function<void(std::int64_t)>;

constexpr std::int64_t kPivotsATime = 1024;

/// Masses as whole numbers with equal sums.
struct Masses {
  std::vector<Units> rows;
  std::vector<Units> columns;
  Units total = 0;
  Units noise = 0;  ///< plan entries below this are rounding
};

bool all_equal(ConstWeightsRef weights) {
  return (weights.array() == weights(0)).all();
}

/// Differences of the rounded cumulative weights: they sum to `total`, and none is off by more than one unit.
std::vector<Units> rounded(ConstWeightsRef weights, Units total) {
  std::vector<Units> units;
  const double scale = static_cast<double>(total) / weights.sum();
  double sum = 0;
  Units before = 0;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    sum += weights(i);
    const Units up_to = std::min(total, static_cast<Units>(std::llround(sum * scale)));
    units.push_back(up_to - before);
    before = up_to;
  }
  // What the last sums lack by rounding belongs to the last atom that has mass.
  for (auto i = units.size(); before < total; --i) {
    if (units[i - 1] == 0) continue;
    units[i - 1] += total - before;
    before = total;
  }
  return units;
}

Masses masses(ConstWeightsRef row_weights, ConstWeightsRef column_weights) {
  const Units rows = row_weights.size();
  const Units columns = column_weights.size();
  if (all_equal(row_weights) && all_equal(column_weights)) {
    const Units divisor = std::gcd(rows, columns);
    return {std::vector<Units>(static_cast<std::size_t>(rows), columns / divisor),
            std::vector<Units>(static_cast<std::size_t>(columns), rows / divisor), rows / divisor * columns,
            0};
  }
  constexpr Units kTotal = Units{1} << 50;
  return {rounded(row_weights, kTotal), rounded(column_weights, kTotal), kTotal, rows + columns};
}

/// The simplex. Nodes are rows, then columns, then a root that stands in as everyone's first partner. The
/// tree is kept by parent, children and siblings; the arc between a node and its parent belongs to the
/// node. Arcs lead from rows to columns, from rows to the root and from the root to columns; so a row's arc
/// leads up, a column's down.
class Simplex {
 public:
  Simplex(ConstCostRef cost, const Masses& masses)
      : cost_(cost), rows_(static_cast<int>(cost.rows())), columns_(static_cast<int>(cost.cols())) {
    const int root = rows_ + columns_;
    const auto nodes = static_cast<std::size_t>(root + 1);
    scale_ = cost.cwiseAbs().maxCoeff();
    // Any price above half the largest cost will do: the way round the root is never
    // cheaper than the direct arc.
    const double detour = scale_ > 0 ? scale_ : 1;
    nodes_.resize(nodes);
    potential_.assign(nodes, detour);
    potential_.back() = 0;
    for (int node = 0; node < root; ++node) {
      const auto index = static_cast<std::size_t>(node);
      at(node).arc_cost = detour;
      at(node).flow =
          node < rows_ ? masses.rows[index] : masses.columns[index - static_cast<std::size_t>(rows_)];
      at(node).depth = 1;
      attach(node, root);
    }
  }

  void solve(const PivotProgress& progress) {
    const double tolerance = 1e-11 * scale_;
    while (find_entering(tolerance)) {
      pivot();
      if (progress && pivots_ % kPivotsATime == 0) progress(pivots_);
    }
  }

  void write(const Masses& masses, ExactCoupling& result) const {
    result.pivots = pivots_;
    result.row_potential = Eigen::Map<const Eigen::VectorXd>(potential_.data(), rows_);
    result.column_potential = Eigen::Map<const Eigen::VectorXd>(potential_.data() + rows_, columns_);
    for (int node = 0; node < rows_ + columns_; ++node) {
      const Node& n = nodes_[static_cast<std::size_t>(node)];
      if (n.parent == rows_ + columns_ || n.flow == 0 || n.flow < masses.noise) continue;
      const int row = node < rows_ ? node : n.parent;
      const int column = (node < rows_ ? n.parent : node) - rows_;
      result.plan.push_back({row, column, static_cast<double>(n.flow) / static_cast<double>(masses.total)});
    }
  }

 private:
  struct Node {
    int parent = -1;
    int first_child = -1;
    int next = -1;      // sibling
    int previous = -1;  // sibling
    int depth = 0;
    Units flow = 0;
    double arc_cost = 0;
  };

  Node& at(int node) { return nodes_[static_cast<std::size_t>(node)]; }
  bool is_row(int node) const { return node < rows_; }

  void attach(int node, int parent) {
    Node& n = at(node);
    n.parent = parent;
    n.previous = -1;
    n.next = at(parent).first_child;
    if (n.next >= 0) at(n.next).previous = node;
    at(parent).first_child = node;
  }

  void detach(int node) {
    const Node& n = at(node);
    if (n.previous >= 0) {
      at(n.previous).next = n.next;
    } else {
      at(n.parent).first_child = n.next;
    }
    if (n.next >= 0) at(n.next).previous = n.previous;
  }

  /// The arc of least reduced cost in the next block of arcs that has one below
  /// -tolerance; false when none has.
  bool find_entering(double tolerance) {
    const auto arcs = static_cast<std::int64_t>(rows_) * columns_;
    const auto block = std::max<std::int64_t>(64, std::llround(std::sqrt(static_cast<double>(arcs))));
    const double* columns = potential_.data() + rows_;
    double best = -tolerance;
    bool found = false;
    std::int64_t in_block = 0;
    for (std::int64_t scanned = 0; scanned < arcs;) {
      const auto count = static_cast<int>(
          std::min({static_cast<std::int64_t>(columns_ - next_column_), block - in_block, arcs - scanned}));
      const double* costs = cost_.data() + next_row_ * cost_.outerStride();
      const double row = potential_[static_cast<std::size_t>(next_row_)];
      const double least = kernels::smallest_difference(costs + next_column_, columns + next_column_,
                                                        static_cast<std::size_t>(count));
      if (least - row < best) {
        best = least - row;
        found = true;
        row_ = next_row_;
        for (column_ = next_column_; costs[column_] - columns[column_] != least;) ++column_;
      }
      scanned += count;
      in_block += count;
      next_column_ += count;
      if (next_column_ == columns_) {
        next_column_ = 0;
        next_row_ = next_row_ + 1 == rows_ ? 0 : next_row_ + 1;
      }
      if (in_block == block) {
        if (found) return true;
        in_block = 0;
      }
    }
    return found;
  }

  /// Sends as much as possible round the cycle that arc (row_, column_) closes. It leads from the apex down
  /// to the row, over the arc, and up from the column. The last arc to run empty on that way leaves the tree,
  /// which keeps it strongly feasible: every empty arc leads up.
  void pivot() {
    ++pivots_;
    const int tail = row_;
    const int head = rows_ + column_;
    int apex = tail;
    for (int other = head; apex != other;) {
      int& deeper = at(apex).depth >= at(other).depth ? apex : other;
      deeper = at(deeper).parent;
    }
    Units amount = std::numeric_limits<Units>::max();
    int leaving = -1;
    bool on_tail_side = true;
    for (int node = tail; node != apex; node = at(node).parent) {
      if (is_row(node) && at(node).flow < amount) {
        amount = at(node).flow;
        leaving = node;
      }
    }
    for (int node = head; node != apex; node = at(node).parent) {
      if (!is_row(node) && at(node).flow <= amount) {
        amount = at(node).flow;
        leaving = node;
        on_tail_side = false;
      }
    }
    if (amount > 0) {
      for (int node = tail; node != apex; node = at(node).parent)
        at(node).flow += is_row(node) ? -amount : amount;
      for (int node = head; node != apex; node = at(node).parent)
        at(node).flow += is_row(node) ? amount : -amount;
    }
    hang(on_tail_side ? tail : head, on_tail_side ? head : tail, leaving, cost_(row_, column_), amount);
  }

  /// Cuts the subtree of `top` off, makes `node` its root by turning the arcs between the two round,
  /// and hangs it below `parent`.
  void hang(int node, int parent, int top, double arc_cost, Units flow) {
    for (int child = node;;) {
      const Node before = at(child);
      detach(child);
      attach(child, parent);
      at(child).arc_cost = arc_cost;
      at(child).flow = flow;
      if (child == top) break;
      parent = child;
      child = before.parent;
      arc_cost = before.arc_cost;
      flow = before.flow;
    }
    // Potentials from the parents' again, rather than by adding a difference, so that errors do not build up.
    for (int child = node;;) {
      Node& n = at(child);
      n.depth = at(n.parent).depth + 1;
      potential_[static_cast<std::size_t>(child)] =
          n.arc_cost - potential_[static_cast<std::size_t>(n.parent)];
      if (n.first_child >= 0) {
        child = n.first_child;
        continue;
      }
      while (child != node && at(child).next < 0) child = at(child).parent;
      if (child == node) break;
      child = at(child).next;
    }
  }

  ConstCostRef cost_;
  int rows_;
  int columns_;
  double scale_ = 0;
  std::vector<Node> nodes_;
  std::vector<double> potential_;  // apart from the nodes, for the search reads them in one sweep
  int next_row_ = 0;               // where the search goes on
  int next_column_ = 0;
  int row_ = 0;  // the entering arc
  int column_ = 0;
  std::int64_t pivots_ = 0;
};

/// Indices of the atoms with mass.
std::vector<int> carriers(const std::vector<Units>& masses) {
  std::vector<int> indices;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    if (masses[i] > 0) indices.push_back(static_cast<int>(i));
  }
  return indices;
}

ExactCoupling solve(ConstCostRef cost, const Masses& masses, const PivotProgress& progress) {
  ExactCoupling result;
  Simplex simplex(cost, masses);
  simplex.solve(progress);
  simplex.write(masses, result);
  return result;
}

/// The same without the atoms that have no mass, which get the highest potentials that the costs allow.
ExactCoupling solve_carriers(ConstCostRef cost, const Masses& all, const PivotProgress& progress) {
  const std::vector<int> rows = carriers(all.rows);
  const std::vector<int> columns = carriers(all.columns);
  Masses some{{}, {}, all.total, all.noise};
  for (const int row : rows) some.rows.push_back(all.rows[static_cast<std::size_t>(row)]);
  for (const int column : columns) some.columns.push_back(all.columns[static_cast<std::size_t>(column)]);
  CostMatrix inner(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(columns.size()));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      inner(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = cost(rows[r], columns[c]);
    }
  }
  ExactCoupling result = solve(inner, some, progress);
  for (PlanEntry& entry : result.plan) {
    entry.row = rows[static_cast<std::size_t>(entry.row)];
    entry.column = columns[static_cast<std::size_t>(entry.column)];
  }
  Eigen::VectorXd column_potential(cost.cols());
  for (Eigen::Index c = 0; c < cost.cols(); ++c) {
    column_potential(c) = std::numeric_limits<double>::infinity();
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double bound = cost(rows[r], c) - result.row_potential(static_cast<Eigen::Index>(r));
      column_potential(c) = std::min(column_potential(c), bound);
    }
  }
  Eigen::VectorXd row_potential(cost.rows());
  for (Eigen::Index r = 0; r < cost.rows(); ++r) {
    row_potential(r) = (cost.row(r).transpose() - column_potential).minCoeff();
  }
  result.row_potential = row_potential;
  result.column_potential = column_potential;
  return result;
}

}  // namespace

ExactCoupling exact_coupling(ConstCostRef cost, ConstWeightsRef row_weights, ConstWeightsRef column_weights,
                             const PivotProgress& progress) {
  check_transport("exact coupling", cost, row_weights, column_weights);
  const Masses whole = masses(row_weights, column_weights);
  const auto empty = [](const std::vector<Units>& units) {
    return std::find(units.begin(), units.end(), 0) != units.end();
  };
  ExactCoupling result = empty(whole.rows) || empty(whole.columns) ? solve_carriers(cost, whole, progress)
                                                                   : solve(cost, whole, progress);
  std::sort(result.plan.begin(), result.plan.end(), [](const PlanEntry& a, const PlanEntry& b) {
    return a.row != b.row ? a.row < b.row : a.column < b.column;
  });
  for (const PlanEntry& entry : result.plan) result.cost += entry.mass * cost(entry.row, entry.column);
  return result;
}

}  // namespace understudy
