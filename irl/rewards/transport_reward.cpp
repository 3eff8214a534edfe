#include "irl/rewards/transport_reward.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "bc/networks/adam.h"
#include "bc/networks/divergence_error.h"
#include "bc/networks/mlp.h"
#include "datasets/types/random_matrix.h"
#include "irl/couplings/ground_cost.h"
#include "irl/couplings/sinkhorn_coupling.h"
#include "irl/experts/expert_atoms.h"

namespace understudy {
namespace {

/// Scores episodes against the standardised atoms.
class TransportReward : public RewardLearner {
 public:
  TransportReward(const RewardProblem& problem, bool state_only) : state_only_(state_only) {
    const ExpertAtoms atoms = pair_atoms(problem.expert->observations, problem.expert->actions, state_only);
    standardiser_ = atom_standardiser(atoms.values);
    atoms_ = atoms.values;
    standardiser_.apply(atoms_);
  }

  bool scores_episodes() const final { return true; }

  void score(Steps& steps) final {
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

  void report(Metrics& metrics) override {
    metrics.set("imitation_reward", reward_.take());
    metrics.set("coupling_cost", cost_.take());
  }

  void serialise(Archive& archive) override {
    reward_.serialise(archive);
    cost_.serialise(archive);
  }

 protected:
  /// c of every step of a standardised episode; their sum.
  virtual double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) = 0;
  virtual double reward_of(double cost) const = 0;

  /// c_i of a Sinkhorn coupling under a cost.
  static double sinkhorn_costs(const CostMatrix& cost, const SinkhornConfig& config,
                               SinkhornCoupling& coupling, Eigen::VectorXd& costs) {
    coupling = sinkhorn_coupling(cost, uniform_weights(cost.rows()), uniform_weights(cost.cols()), config);
    costs = coupling.plan.cwiseProduct(cost).rowwise().sum() * static_cast<double>(cost.rows());
    return costs.sum();
  }

  bool state_only_;
  Normaliser standardiser_;
  Matrix atoms_;  ///< [atoms, dim] standardised

 private:
  Eigen::VectorXd costs_;
  RunningMean reward_, cost_;
};

class Otr final : public TransportReward {
 public:
  Otr(const RewardProblem& problem, const OtrConfig& config)
      : TransportReward(problem, config.state_only),
        config_(config),
        sinkhorn_{.epsilon = config.epsilon, .iterations = config.iterations} {}

 private:
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    SinkhornCoupling coupling;
    return sinkhorn_costs(ground_cost(GroundCost::kCosine, episode, atoms_), sinkhorn_, coupling, costs);
  }
  double reward_of(double cost) const override {
    return config_.alpha * std::exp(-config_.beta * cost / static_cast<double>(atoms_.cols()));
  }

  OtrConfig config_;
  SinkhornConfig sinkhorn_;
};

class Sliced final : public TransportReward {
 public:
  Sliced(const RewardProblem& problem, const SlicedRewardConfig& config)
      : TransportReward(problem, config.state_only), config_(config), rng_(Rng::stream(problem.seed, 53)) {}

  void serialise(Archive& archive) override {
    TransportReward::serialise(archive);
    archive("sliced rng", rng_);
  }

 private:
  /// Along every line the step of rank k goes to the atoms between the quantiles k/T and (k+1)/T.
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    const Eigen::Index steps = episode.rows();
    const Eigen::Index atoms = atoms_.rows();
    costs.setZero(steps);
    Matrix direction(1, episode.cols());
    std::vector<Eigen::Index> order(static_cast<std::size_t>(steps));
    for (int line = 0; line < config_.directions; ++line) {
      fill_normal(rng_, direction);
      direction /= direction.norm();
      const Vector along = episode * direction.transpose();
      Vector expert = atoms_ * direction.transpose();
      std::sort(expert.begin(), expert.end());
      std::iota(order.begin(), order.end(), Eigen::Index{0});
      std::sort(order.begin(), order.end(), [&](auto a, auto b) { return along(a) < along(b); });
      for (Eigen::Index k = 0; k < steps; ++k) {
        const Eigen::Index step = order[static_cast<std::size_t>(k)];
        // In units of 1 / (steps * atoms) the step covers [k atoms, (k + 1) atoms), an atom [j steps, (j + 1) steps).
        double square = 0;
        for (Eigen::Index unit = k * atoms; unit < (k + 1) * atoms;) {
          const Eigen::Index atom = unit / steps;
          const Eigen::Index end = std::min((k + 1) * atoms, (atom + 1) * steps);
          const auto gap = static_cast<double>(along(step) - expert(atom));
          square += gap * gap * static_cast<double>(end - unit) / static_cast<double>(atoms);
          unit = end;
        }
        costs(step) += square;
      }
    }
    // A line's square is 1/dim of the whole one, of which the root per entry counts.
    costs = (costs / config_.directions).cwiseSqrt();
    return costs.sum();
  }
  double reward_of(double cost) const override { return config_.alpha * std::exp(-config_.beta * cost); }

  SlicedRewardConfig config_;
  Rng rng_;
};

class Sil final : public TransportReward {
 public:
  Sil(const RewardProblem& problem, const SilConfig& config)
      : TransportReward(problem, false),
        config_(config),
        sinkhorn_{.epsilon = config.epsilon, .iterations = config.iterations},
        critic_({.inputs = static_cast<int>(atoms_.cols()),
                 .hidden = config.hidden,
                 .outputs = config.features,
                 .activation = Activation::kRelu}),
        adam_(critic_.parameter_count()),
        gradient_(critic_.parameter_count()),
        atom_gradient_(critic_.parameter_count()) {
    Rng rng = Rng::stream(problem.seed, 54);
    parameters_ = critic_.initial_parameters(rng, 1);
  }

  bool goes_stale() const override { return config_.learn_cost; }

  void serialise(Archive& archive) override {
    TransportReward::serialise(archive);
    archive("sinkhorn critic", parameters_);
    serialise_adam(archive, adam_);
  }

 private:
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    SinkhornCoupling coupling;
    if (!config_.learn_cost) {
      return sinkhorn_costs(ground_cost(GroundCost::kCosine, episode, atoms_), sinkhorn_, coupling, costs);
    }
    critic_.forward(parameters_, episode, learner_);
    critic_.forward(parameters_, atoms_, expert_);
    const double sum = sinkhorn_costs(ground_cost(GroundCost::kCosine, learner_.outputs(), expert_.outputs()),
                                      sinkhorn_, coupling, costs);
    // Rewards are of the critic as it was; then it ascends.
    const double cost = cosine_cost_gradient(coupling.plan, learner_.outputs(), expert_.outputs(),
                                             learner_.output_gradient(), expert_.output_gradient());
    if (!std::isfinite(cost)) throw DivergenceError(adam_.steps + 1, "Sinkhorn cost");
    critic_.backward(parameters_, episode, learner_, gradient_);
    critic_.backward(parameters_, atoms_, expert_, atom_gradient_);
    gradient_ = -(gradient_ + atom_gradient_);
    adam_step({.learning_rate = config_.learning_rate}, gradient_, adam_, parameters_);
    return sum;
  }
  double reward_of(double cost) const override { return -config_.scale * cost + config_.bonus; }

  SilConfig config_;
  SinkhornConfig sinkhorn_;
  Mlp critic_;
  Vector parameters_;
  AdamState adam_;
  Vector gradient_, atom_gradient_;
  MlpWorkspace learner_, expert_;
};

}  // namespace

double cosine_cost_gradient(const CostMatrix& plan, ConstMatrixRef x, ConstMatrixRef y, MatrixRef x_gradient,
                            MatrixRef y_gradient) {
  // With u = x / |x|, v = y / |y|: d(1 - u v)/dx = -(v - (u v) u) / |x|, and so for y.
  const auto unit = [](ConstMatrixRef rows, Matrix& units, Vector& norms) {
    norms = rows.rowwise().norm().cwiseMax(1e-12F);
    units = norms.cwiseInverse().asDiagonal() * rows;
  };
  Matrix u, v;
  Vector x_norm, y_norm;
  unit(x, u, x_norm);
  unit(y, v, y_norm);
  const Matrix weights = plan.cast<float>();
  const Matrix cosine = u * v.transpose();
  const Matrix weighted = weights.cwiseProduct(cosine);
  x_gradient = weights * v;
  x_gradient -= (weighted.rowwise().sum()).asDiagonal() * u;
  x_gradient = -(x_norm.cwiseInverse().asDiagonal() * x_gradient).eval();
  y_gradient = weights.transpose() * u;
  y_gradient -= weighted.colwise().sum().transpose().asDiagonal() * v;
  y_gradient = -(y_norm.cwiseInverse().asDiagonal() * y_gradient).eval();
  return static_cast<double>(weights.sum() - weighted.sum());
}

SettingList settings(OtrConfig& c) {
  return {{"reward-alpha", &c.alpha, "Reward of a perfect match", 1e-6, 1e6},
          {"reward-beta", &c.beta, "How fast the reward falls with distance", 0, 1e6},
          {"reward-state-only", &c.state_only, "Imitate observations alone"},
          {"reward-epsilon", &c.epsilon, "Weight of the entropy in the coupling", 1e-6, 1e3},
          {"reward-iterations", &c.iterations, "Sinkhorn iterations per episode", 1, 1e6}};
}

SettingList settings(SlicedRewardConfig& c) {
  return {{"reward-alpha", &c.alpha, "Reward of a perfect match", 1e-6, 1e6},
          {"reward-beta", &c.beta, "How fast the reward falls with distance", 0, 1e6},
          {"reward-state-only", &c.state_only, "Imitate observations alone"},
          {"reward-directions", &c.directions, "Random lines per episode", 1, 1e5}};
}

SettingList settings(SilConfig& c) {
  return {{"reward-scale", &c.scale, "Reward lost per unit of cost", 0, 1e6},
          {"reward-bonus", &c.bonus, "Reward of a step without cost", -1e3, 1e3},
          {"reward-learn-cost", &c.learn_cost, "Learn the features that distances are taken between"},
          {"reward-hidden", &c.hidden, "Widths of the critic's hidden layers"},
          {"reward-features", &c.features, "Features that the critic gives", 1, 4096},
          {"reward-learning-rate", &c.learning_rate, "Adam's step size for the critic", 1e-8, 1},
          {"reward-epsilon", &c.epsilon, "Weight of the entropy in the coupling", 1e-6, 1e3},
          {"reward-iterations", &c.iterations, "Sinkhorn iterations per episode", 1, 1e6}};
}

std::unique_ptr<RewardLearner> make_otr(const RewardProblem& problem, const OtrConfig& config) {
  OtrConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Otr>(problem, config);
}

std::unique_ptr<RewardLearner> make_sliced(const RewardProblem& problem, const SlicedRewardConfig& config) {
  SlicedRewardConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Sliced>(problem, config);
}

std::unique_ptr<RewardLearner> make_sil(const RewardProblem& problem, const SilConfig& config) {
  SilConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Sil>(problem, config);
}

}  // namespace understudy
