#include "irl/rewards/otr_reward.h"

#include <cmath>

#include "irl/couplings/ground_cost.h"
#include "irl/rewards/transport_reward.h"

namespace understudy {
namespace {

class Otr final : public TransportReward {
 public:
  Otr(const ImitationProblem& problem, const OtrConfig& config)
      : TransportReward(problem, config.state_only),
        config_(config),
        sinkhorn_{.epsilon = config.epsilon, .iterations = config.iterations} {}

 private:
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    SinkhornCoupling coupling;
    return sinkhorn_costs(ground_cost(GroundCost::kCosine, episode, atoms()), sinkhorn_, coupling, costs);
  }
  double reward_of(double cost) const override {
    return config_.alpha * std::exp(-config_.beta * cost / static_cast<double>(atoms().cols()));
  }

  OtrConfig config_;
  SinkhornConfig sinkhorn_;
};

}  // namespace

SettingList settings(OtrConfig& c) {
  return {{"reward-alpha", &c.alpha, "Reward of a perfect match", 1e-6, 1e6},
          {"reward-beta", &c.beta, "How fast the reward falls with distance", 0, 1e6},
          {"reward-state-only", &c.state_only, "Imitate observations alone"},
          {"reward-epsilon", &c.epsilon, "Weight of the entropy in the coupling", 1e-6, 1e3},
          {"reward-iterations", &c.iterations, "Sinkhorn iterations per episode", 1, 1e6}};
}

std::unique_ptr<RewardLearner> make_otr(const ImitationProblem& problem, const OtrConfig& config) {
  OtrConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Otr>(problem, config);
}

}  // namespace understudy
