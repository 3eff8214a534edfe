#include "irl/couplings/sinkhorn_coupling.h"

#include <cmath>
#include <sstream>

#include "datasets/types/error.h"
#include "irl/couplings/coupling_loops.h"

namespace understudy {
namespace {

[[noreturn]] void refuse(const char* field, const char* want, double found) {
  std::ostringstream line;
  line << "sinkhorn " << field << ": want " << want << ", found " << found;
  throw UsageError(line.str());
}

/// The potential of one side that makes its marginal exact: out_i = epsilon (log weight_i - log sum_j
/// exp((other_j - C_ij) / epsilon)).
void fit_marginal(const CostMatrix& cost, const Weights& log_weights, const Eigen::VectorXd& other,
                  double epsilon, Eigen::VectorXd& out) {
  const auto count = static_cast<std::size_t>(cost.cols());
  for (Eigen::Index i = 0; i < cost.rows(); ++i) {
    out(i) = epsilon * (log_weights(i) - kernels::log_sum_exp(other.data(), &cost(i, 0), epsilon, count));
  }
}

}  // namespace

void validate(const SinkhornConfig& config) {
  if (!(config.epsilon > 0 && std::isfinite(config.epsilon)))
    refuse("epsilon", "a number above 0", config.epsilon);
  if (config.iterations < 1) refuse("iterations", "at least 1", config.iterations);
  if (!(config.threshold >= 0)) refuse("threshold", "at least 0", config.threshold);
}

SinkhornCoupling sinkhorn_coupling(ConstCostRef cost, ConstWeightsRef row_weights,
                                   ConstWeightsRef column_weights, const SinkhornConfig& config) {
  validate(config);
  check_transport("sinkhorn coupling", cost, row_weights, column_weights);
  if (row_weights.minCoeff() == 0 || column_weights.minCoeff() == 0) {
    throw Error("sinkhorn coupling: want weights above 0, found 0; leave atoms without mass out");
  }
  const CostMatrix forward = cost;
  const CostMatrix backward = cost.transpose();  // so that both updates sweep contiguous rows
  const Weights log_rows = row_weights.array().log();
  const Weights log_columns = column_weights.array().log();
  Eigen::VectorXd f(cost.rows());
  Eigen::VectorXd g = Eigen::VectorXd::Zero(cost.cols());
  Eigen::VectorXd fitted(cost.rows());
  SinkhornCoupling result;
  fit_marginal(forward, log_rows, g, config.epsilon, f);
  for (;;) {
    fit_marginal(backward, log_columns, f, config.epsilon, g);
    ++result.iterations;
    // The next f costs a sweep and tells the row sums under the present one.
    fit_marginal(forward, log_rows, g, config.epsilon, fitted);
    result.marginal_error =
        (row_weights.array() * (((f - fitted) / config.epsilon).array().exp() - 1).abs()).sum();
    result.converged = result.marginal_error <= config.threshold;
    if (result.converged || result.iterations == config.iterations) break;
    f.swap(fitted);
  }
  result.plan.resize(cost.rows(), cost.cols());
  for (Eigen::Index i = 0; i < cost.rows(); ++i) {
    kernels::gibbs(f(i), g.data(), &forward(i, 0), config.epsilon, &result.plan(i, 0),
                   static_cast<std::size_t>(cost.cols()));
  }
  result.cost = result.plan.cwiseProduct(forward).sum();
  return result;
}

}  // namespace understudy
