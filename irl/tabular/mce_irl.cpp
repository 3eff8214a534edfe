#include "irl/tabular/mce_irl.h"

#include <cmath>
#include <sstream>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

[[noreturn]] void refuse(const char* field, const char* want, double found) {
  std::ostringstream line;
  line << "mce " << field << ": want " << want << ", found " << found;
  throw UsageError(line.str());
}

/// Row by row: log sum_a exp(values(s, a)), by the largest term.
Eigen::VectorXd log_sum_exp(const Eigen::MatrixXd& values) {
  const Eigen::VectorXd largest = values.rowwise().maxCoeff();
  return largest.array() + (values.colwise() - largest).array().exp().rowwise().sum().log();
}

/// Adam (Kingma, Ba 2015) in double precision; bc/networks/adam.h is single precision, whose rounding would stop the
/// descent short of the tolerances here.
class Adam {
 public:
  Adam(Eigen::Index count, double rate)
      : rate_(rate), first_(Eigen::VectorXd::Zero(count)), second_(Eigen::VectorXd::Zero(count)) {}

  void step(const Eigen::VectorXd& gradient, Eigen::VectorXd& parameters) {
    constexpr double kBeta1 = 0.9;
    constexpr double kBeta2 = 0.999;
    ++steps_;
    first_ = kBeta1 * first_ + (1 - kBeta1) * gradient;
    second_ = kBeta2 * second_ + (1 - kBeta2) * gradient.cwiseAbs2();
    const double first_share = 1 - std::pow(kBeta1, steps_);
    const double second_share = 1 - std::pow(kBeta2, steps_);
    parameters.array() -=
        rate_ / first_share * first_.array() / ((second_.array() / second_share).sqrt() + 1e-8);
  }

 private:
  double rate_;
  Eigen::VectorXd first_;
  Eigen::VectorXd second_;
  int steps_ = 0;
};

/// sum_{t < H} gamma^t
double total_visits(const TabularMdp& mdp, double discount) {
  double total = 0;
  double factor = 1;
  for (int t = 0; t < mdp.horizon; ++t, factor *= discount) total += factor;
  return total;
}

}  // namespace

void validate(const MceConfig& config) {
  if (!(config.discount > 0 && config.discount <= 1))
    refuse("discount", "a number in (0, 1]", config.discount);
  if (!(config.learning_rate > 0)) refuse("learning rate", "a number above 0", config.learning_rate);
  if (config.iterations < 1) refuse("iterations", "at least 1", config.iterations);
  if (!(config.tolerance >= 0)) refuse("tolerance", "at least 0", config.tolerance);
  if (!(config.gradient_norm >= 0)) refuse("gradient norm", "at least 0", config.gradient_norm);
}

SoftSolution soft_optimal(const TabularMdp& mdp, const Eigen::VectorXd& reward, double discount) {
  if (reward.size() != mdp.states() || !reward.allFinite()) {
    throw Error("soft policy: want a finite reward for each of " + std::to_string(mdp.states()) +
                " states, found " + std::to_string(reward.size()) + " or one that is not finite");
  }
  SoftSolution solution;
  solution.value.resize(mdp.horizon, mdp.states());
  solution.policy.resize(static_cast<std::size_t>(mdp.horizon));
  Eigen::MatrixXd q(mdp.states(), mdp.actions());
  for (int t = mdp.horizon - 1; t >= 0; --t) {
    q.colwise() = reward;
    if (t + 1 < mdp.horizon) {
      const Eigen::VectorXd next = discount * solution.value.row(t + 1).transpose();
      for (int a = 0; a < mdp.actions(); ++a) q.col(a) += mdp.transitions[static_cast<std::size_t>(a)] * next;
    }
    const Eigen::VectorXd value = log_sum_exp(q);
    solution.policy[static_cast<std::size_t>(t)] = (q.colwise() - value).array().exp();
    solution.value.row(t) = value.transpose();
  }
  return solution;
}

Eigen::VectorXd occupancy(const TabularMdp& mdp, const TabularPolicy& policy, double discount) {
  const Eigen::MatrixXd probabilities = state_probabilities(mdp, policy);
  Eigen::VectorXd visits = Eigen::VectorXd::Zero(mdp.states());
  double factor = 1;
  for (int t = 0; t < mdp.horizon; ++t, factor *= discount)
    visits += factor * probabilities.row(t).transpose();
  return visits;
}

MceResult mce_irl(const TabularMdp& mdp, const Eigen::MatrixXd& features, const Eigen::VectorXd& expert,
                  const MceConfig& config) {
  validate(config);
  validate(mdp);
  if (features.rows() != mdp.states() || features.cols() < 1 || expert.size() != mdp.states()) {
    throw Error("mce: want features and expert visits for each of " + std::to_string(mdp.states()) +
                " states, found " + std::to_string(features.rows()) + " and " +
                std::to_string(expert.size()));
  }
  const double want = total_visits(mdp, config.discount);
  if (!(std::abs(expert.sum() - want) <= 1e-6 * want)) {
    throw Error("mce: want expert visits that sum to " + std::to_string(want) +
                ", one for every action of an episode, found " + std::to_string(expert.sum()));
  }
  MceResult result;
  result.theta = Eigen::VectorXd::Zero(features.cols());
  Adam adam(features.cols(), config.learning_rate);
  for (;;) {
    result.reward = features * result.theta;
    result.solution = soft_optimal(mdp, result.reward, config.discount);
    result.occupancy = occupancy(mdp, result.solution.policy, config.discount);
    const Eigen::VectorXd excess = result.occupancy - expert;
    const Eigen::VectorXd gradient = features.transpose() * excess;
    result.occupancy_error = excess.cwiseAbs().maxCoeff();
    result.gradient_norm = gradient.norm();
    result.converged =
        result.occupancy_error < config.tolerance || result.gradient_norm < config.gradient_norm;
    if (result.converged || result.iterations == config.iterations) return result;
    adam.step(gradient, result.theta);
    ++result.iterations;
  }
}

}  // namespace understudy
