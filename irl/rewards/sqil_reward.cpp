#include "irl/rewards/sqil_reward.h"

#include "datasets/types/rng_streams.h"
#include "irl/experts/termination_rates.h"

namespace understudy {
namespace {

class SqilReward final : public RewardLearner {
 public:
  SqilReward(const ImitationProblem& problem, const SqilConfig& config)
      : config_(config),
        expert_((check_imitation_problem(problem), *problem.expert)),
        rng_(Rng::stream(problem.seed, RngStream::kSqil)),
        rates_(expert_) {}

  bool relabels() const override { return true; }
  bool needs_replay() const override { return true; }

  void learn(const TransitionBatch& agent, ActionDensity& /*density*/) override {
    rates_.see(agent.terminated);
  }

  void relabel(TransitionBatch& batch, ActionDensity& /*density*/) override {
    const int experts = batch.size() / 2;
    if (experts == 0) throw UsageError("--batch: want at least 2, half of them the expert's, found 1");
    draw_expert(expert_, experts, rng_, batch);
    batch.rewards.head(experts).setOnes();
    batch.rewards.tail(batch.size() - experts).setZero();
  }

  double absorbing_reward() override {
    const double ends = rates_.expert() + rates_.agent();
    return config_.absorbing && ends > 0 ? rates_.expert() / ends : 0;
  }

  void report(Metrics& metrics) override { metrics.set("reward_absorbing", absorbing_reward()); }

  void serialise(Archive& archive) override {
    archive("reward rng", rng_);
    rates_.serialise(archive);
  }

 private:
  const SqilConfig config_;
  const ExpertTransitions& expert_;
  Rng rng_;
  TerminationRates rates_;
};

}  // namespace

SettingList settings(SqilConfig& c) {
  return {{"reward-absorbing", &c.absorbing,
           "What follows termination has a reward too; without, ending is worth 0"}};
}

std::unique_ptr<RewardLearner> make_sqil_reward(const ImitationProblem& problem, const SqilConfig& config) {
  return std::make_unique<SqilReward>(problem, config);
}

}  // namespace understudy
