#include "irl/rewards/sliced_reward.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "datasets/types/random_matrix.h"
#include "datasets/types/rng_streams.h"
#include "irl/rewards/transport_reward.h"

namespace understudy {
namespace {

class Sliced final : public TransportReward {
 public:
  Sliced(const ImitationProblem& problem, const SlicedRewardConfig& config)
      : TransportReward(problem, config.state_only),
        config_(config),
        rng_(Rng::stream(problem.seed, RngStream::kSlicedLines)) {}

  void serialise(Archive& archive) override {
    TransportReward::serialise(archive);
    archive("sliced rng", rng_);
  }

 private:
  /// Along every line the step of rank k goes to the atoms between the quantiles k/T and (k+1)/T.
  double step_costs(ConstMatrixRef episode, Eigen::VectorXd& costs) override {
    const Eigen::Index steps = episode.rows();
    const Eigen::Index count = atoms().rows();
    costs.setZero(steps);
    Matrix direction(1, episode.cols());
    std::vector<Eigen::Index> order(static_cast<std::size_t>(steps));
    for (int line = 0; line < config_.directions; ++line) {
      fill_normal(rng_, direction);
      direction /= direction.norm();
      const Vector along = episode * direction.transpose();
      Vector expert = atoms() * direction.transpose();
      std::sort(expert.begin(), expert.end());
      std::iota(order.begin(), order.end(), Eigen::Index{0});
      std::sort(order.begin(), order.end(), [&](auto a, auto b) { return along(a) < along(b); });
      for (Eigen::Index k = 0; k < steps; ++k) {
        const Eigen::Index step = order[static_cast<std::size_t>(k)];
        // In units of 1 / (steps * count) the step covers [k count, (k + 1) count), atom j
        // [j steps, (j + 1) steps).
        double square = 0;
        for (Eigen::Index unit = k * count; unit < (k + 1) * count;) {
          const Eigen::Index atom = unit / steps;
          const Eigen::Index end = std::min((k + 1) * count, (atom + 1) * steps);
          const auto gap = static_cast<double>(along(step) - expert(atom));
          square += gap * gap * static_cast<double>(end - unit) / static_cast<double>(count);
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

}  // namespace

SettingList settings(SlicedRewardConfig& c) {
  return {{"reward-alpha", &c.alpha, "Reward of a perfect match", 1e-6, 1e6},
          {"reward-beta", &c.beta, "How fast the reward falls with distance", 0, 1e6},
          {"reward-state-only", &c.state_only, "Imitate observations alone"},
          {"reward-directions", &c.directions, "Random lines per episode", 1, 1e5}};
}

std::unique_ptr<RewardLearner> make_sliced(const ImitationProblem& problem,
                                           const SlicedRewardConfig& config) {
  SlicedRewardConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Sliced>(problem, config);
}

}  // namespace understudy
