#include "irl/rewards/sinkhorn_reward.h"

#include <cmath>

#include "bc/networks/adam.h"
#include "bc/networks/divergence_error.h"
#include "bc/networks/mlp.h"
#include "datasets/types/rng_streams.h"
#include "irl/couplings/ground_cost.h"
#include "irl/rewards/transport_reward.h"

namespace understudy {
namespace {

class Sil final : public TransportReward {
 public:
  Sil(const ImitationProblem& problem, const SilConfig& config)
      : TransportReward(problem, false),
        config_(config),
        sinkhorn_{.epsilon = config.epsilon, .iterations = config.iterations},
        critic_({.inputs = static_cast<int>(atoms().cols()),
                 .hidden = config.hidden,
                 .outputs = config.features,
                 .activation = Activation::kRelu}),
        adam_(critic_.parameter_count()),
        gradient_(critic_.parameter_count()),
        atom_gradient_(critic_.parameter_count()),
        learner_(problem.device),
        expert_(problem.device) {
    Rng rng = Rng::stream(problem.seed, RngStream::kSinkhornCritic);
    parameters_ = critic_.initial_parameters(rng, 1);
  }

  bool goes_stale() const override { return config_.learn_cost; }

  void serialise(Archive& archive) override {
    TransportReward::serialise(archive);
    archive("sinkhorn critic", parameters_);
    archive.want_finite(parameters_);
    serialise_adam(archive, adam_);
  }

 private:
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    SinkhornCoupling coupling;
    if (!config_.learn_cost) {
      return sinkhorn_costs(ground_cost(GroundCost::kCosine, episode, atoms()), sinkhorn_, coupling, costs);
    }
    critic_.forward(parameters_, episode, learner_);
    critic_.forward(parameters_, atoms(), expert_);
    const double sum = sinkhorn_costs(ground_cost(GroundCost::kCosine, learner_.outputs(), expert_.outputs()),
                                      sinkhorn_, coupling, costs);
    // Rewards are of the critic as it was; then it ascends.
    const double cost = cosine_cost_gradient(coupling.plan, learner_.outputs(), expert_.outputs(),
                                             learner_.output_gradient(), expert_.output_gradient());
    if (!std::isfinite(cost)) throw DivergenceError(adam_.steps + 1, "Sinkhorn cost");
    critic_.backward(parameters_, episode, learner_, gradient_);
    critic_.backward(parameters_, atoms(), expert_, atom_gradient_);
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

std::unique_ptr<RewardLearner> make_sil(const ImitationProblem& problem, const SilConfig& config) {
  SilConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Sil>(problem, config);
}

}  // namespace understudy
