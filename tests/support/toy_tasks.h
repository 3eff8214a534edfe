#pragma once
/// \file Tasks of a few lines whose best policies are known, and the loop that lets learners at them.

#include <utility>
#include <vector>

#include "bc/policies/mlp_policy.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "irl/contract/rl_learner.h"

namespace understudy::tests {

/// Several copies of one task with one observation and one action entry.
class ToyTask {
 public:
  explicit ToyTask(int environments) : observations(Matrix::Zero(environments, 1)) {}
  virtual ~ToyTask() = default;
  struct Outcome {
    float next = 0;
    float reward = 0;
    bool terminated = false;
    bool truncated = false;
  };
  virtual float reset(Rng& rng) = 0;
  virtual Outcome step(int row, float observation, float action) = 0;

  Matrix observations;  ///< [environments, 1]
};

/// One state, one step: r = -(a - 0.3)². Best: a = 0.3.
class Bandit final : public ToyTask {
 public:
  using ToyTask::ToyTask;
  float reset(Rng& /*rng*/) override { return 1; }
  Outcome step(int /*row*/, float observation, float action) override {
    return {observation, -(action - 0.3F) * (action - 0.3F), true, false};
  }
};

/// x' = x + a / 2, r = -x² - a²/10, cut after 20 steps. Best while |a| < 1 (Riccati: P² = P + 0.4): a =
/// -1.531 x, worth -1.306 x² in the long run. What is observed is x in other units: `unit` x.
class Integrator final : public ToyTask {
 public:
  explicit Integrator(int environments, float unit = 1)
      : ToyTask(environments), unit_(unit), steps_(static_cast<std::size_t>(environments), 0) {}
  float reset(Rng& rng) override { return unit_ * static_cast<float>(rng.uniform(-1, 1)); }
  Outcome step(int row, float observation, float a) override {
    const float x = observation / unit_;
    int& steps = steps_[static_cast<std::size_t>(row)];
    steps = (steps + 1) % 20;
    return {unit_ * (x + 0.5F * a), -x * x - 0.1F * a * a, false, steps == 0};
  }

 private:
  float unit_;
  std::vector<int> steps_;
};

/// Row `row` of `from` as the last row of `to`.
inline void append(Steps& to, const Steps& from, int row) {
  const Eigen::Index size = to.actions.rows();
  for (auto [rows, source] :
       {std::pair{&to.observations, &from.observations}, std::pair{&to.actions, &from.actions},
        std::pair{&to.next_observations, &from.next_observations}}) {
    rows->conservativeResize(size + 1, 1);
    rows->row(size) = source->row(row);
  }
  to.rewards.conservativeResize(size + 1);
  to.rewards(size) = from.rewards(row);
  const auto i = static_cast<std::size_t>(row);
  to.terminated.push_back(from.terminated[i]);
  to.truncated.push_back(from.truncated[i]);
  to.streams.push_back(from.streams[i]);
}

/// Lets the learner act `steps` times in all environments at once, and update after every time. `late`: it
/// observes each episode as a whole once that has ended.
inline void train(RlLearner& learner, RewardLearner& reward, ToyTask& task, int steps, Rng& rng,
                  bool late = false) {
  const auto environments = static_cast<int>(task.observations.rows());
  for (float& value : task.observations.reshaped()) value = task.reset(rng);
  std::vector<Steps> episodes(static_cast<std::size_t>(environments));
  Steps taken;
  taken.resize(environments, 1, 1);
  for (int t = 0; t < steps; ++t) {
    taken.observations = task.observations;
    learner.act(task.observations, taken.actions);
    for (int row = 0; row < environments; ++row) {
      const auto outcome = task.step(row, task.observations(row, 0), taken.actions(row, 0));
      const auto i = static_cast<std::size_t>(row);
      taken.next_observations(row, 0) = outcome.next;
      taken.rewards(row) = outcome.reward;
      taken.terminated[i] = outcome.terminated;
      taken.truncated[i] = outcome.truncated;
      taken.streams[i] = row;
      const bool ended = outcome.terminated || outcome.truncated;
      task.observations(row, 0) = ended ? task.reset(rng) : outcome.next;
      if (!late) continue;
      append(episodes[i], taken, row);
      if (!ended) continue;
      learner.observe(episodes[i]);
      episodes[i] = {};
    }
    reward.score(taken);
    if (!late) learner.observe(taken);
    learner.update(reward);
  }
}

/// The deterministic policy's actions, as a task would take them. `[batch, act_dim]`
inline Matrix policy_actions(const Policy& policy, Matrix observations) {
  policy.normaliser.apply(observations);
  MlpWorkspace workspace;
  const MlpPolicy& mlp = mlp_of(policy);
  Mlp(mlp.spec).forward(mlp.parameters, observations, workspace);
  Matrix actions = workspace.outputs();
  if (mlp.squash) actions = actions.array().tanh();
  return actions.cwiseMax(-1.0F).cwiseMin(1.0F);
}

}  // namespace understudy::tests
