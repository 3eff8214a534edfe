#include "irl/rewards/pwil_learner.h"

#include <algorithm>

namespace understudy {
namespace {

class PwilLearner final : public RewardLearner {
 public:
  PwilLearner(const ImitationProblem& problem, const PwilLearnerConfig& config)
      : act_dim_(problem.expert->actions.cols()), horizon_(problem.horizon) {
    const ExpertTransitions& expert = *problem.expert;
    const PwilReward reward(
        pair_atoms(expert.observations, expert.actions, config.state_only || expert.states_only),
        {.alpha = config.alpha, .beta = config.beta, .horizon = problem.horizon});
    streams_.assign(static_cast<std::size_t>(problem.environments), Stream{reward, {}, 0});
    for (Stream& stream : streams_) stream.seen.resize(0, expert.observations.cols() + expert.actions.cols());
    if (config.prefill > 0) fill(expert, config);
  }

  void score(Steps& steps) override {
    for (int row = 0; row < steps.size(); ++row) {
      const auto i = static_cast<std::size_t>(row);
      Stream& stream = streams_[static_cast<std::size_t>(steps.streams[i])];
      stream.keep(steps.observations.row(row), steps.actions.row(row));
      const double reward =
          stream.reward.reward(steps.observations.row(row).transpose(), steps.actions.row(row).transpose());
      steps.rewards(row) = static_cast<float>(reward);
      rewards_.add(reward);
      if (steps.terminated[i] == 0 && steps.truncated[i] == 0) continue;
      costs_.add(stream.reward.episode_cost());
      stream.reward.reset();
      stream.length = 0;
    }
  }

  const Steps* prefill() const override { return prefill_.size() == 0 ? nullptr : &prefill_; }

  void report(Metrics& metrics) override {
    metrics.set("imitation_reward", rewards_.take());
    metrics.set("coupling_cost", costs_.take());
  }

  /// What is left of the atoms follows from the steps of the present episode.
  void serialise(Archive& archive) override {
    for (Stream& stream : streams_) {
      Matrix seen = stream.seen.topRows(stream.length);
      archive("pwil steps", seen);
      archive.want_range(seen.rows(), 0, horizon_);
      archive.want_shape(seen, seen.rows(), stream.seen.cols());
      if (!archive.loading()) continue;
      stream.reward.reset();
      stream.seen = seen;
      stream.length = seen.rows();
      const Eigen::Index obs_dim = seen.cols() - act_dim_;
      for (Eigen::Index t = 0; t < seen.rows(); ++t) {
        stream.reward.reward(seen.row(t).head(obs_dim).transpose(), seen.row(t).tail(act_dim_).transpose());
      }
    }
    rewards_.serialise(archive);
    costs_.serialise(archive);
  }
  bool needs_replay() const override { return prefill_.size() > 0; }

 private:
  struct Stream {
    PwilReward reward;
    Matrix seen;  ///< [capacity, obs_dim + act_dim] the episode's steps so far
    Eigen::Index length;

    void keep(Eigen::Ref<const Eigen::RowVectorXf> observation, Eigen::Ref<const Eigen::RowVectorXf> action) {
      if (length == seen.rows())
        seen.conservativeResize(std::max<Eigen::Index>(2 * length, 256), Eigen::NoChange);
      seen.row(length).head(observation.size()) = observation;
      seen.row(length).tail(action.size()) = action;
      ++length;
    }
  };

  /// The expert's transitions over and over.
  void fill(const ExpertTransitions& expert, const PwilLearnerConfig& config) {
    prefill_.resize(config.prefill, static_cast<int>(expert.observations.cols()),
                    static_cast<int>(expert.actions.cols()));
    for (int row = 0; row < config.prefill; ++row) {
      const int from = row % expert.size();
      prefill_.observations.row(row) = expert.observations.row(from);
      prefill_.actions.row(row) = expert.actions.row(from);
      prefill_.next_observations.row(row) = expert.next_observations.row(from);
      prefill_.rewards(row) = static_cast<float>(config.alpha);
      prefill_.terminated[static_cast<std::size_t>(row)] = expert.terminated[static_cast<std::size_t>(from)];
      prefill_.truncated[static_cast<std::size_t>(row)] = 1;  // what follows it is another episode's
      prefill_.streams[static_cast<std::size_t>(row)] = 0;
    }
  }

  Eigen::Index act_dim_;
  int horizon_;
  std::vector<Stream> streams_;
  Steps prefill_;
  RunningMean rewards_, costs_;
};

}  // namespace

SettingList settings(PwilLearnerConfig& c) {
  return {{"reward-alpha", &c.alpha, "Reward of a perfect match", 1e-6, 1e6},
          {"reward-beta", &c.beta, "How fast the reward falls with distance", 0, 1e6},
          {"reward-state-only", &c.state_only, "Imitate observations alone"},
          {"reward-prefill", &c.prefill, "Transitions of the expert that the replay begins with", 0, 1e7}};
}

std::unique_ptr<RewardLearner> make_pwil(const ImitationProblem& problem, const PwilLearnerConfig& config) {
  PwilLearnerConfig checked = config;
  check_settings(settings(checked));
  if (config.prefill > 0 && problem.expert->states_only) {
    throw UsageError(
        "--reward-prefill: want 0 with --states-only, which leaves no actions to fill a replay with, found " +
        std::to_string(config.prefill));
  }
  return std::make_unique<PwilLearner>(problem, config);
}

}  // namespace understudy
