// Reinforcement learning: updates per second at the sizes that other toolkits were measured at, how close
// that is to what this machine's matrix products alone would allow, and whole training loops in
// environment steps per second.

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bc/networks/blas.h"
#include "datasets/types/error.h"
#include "datasets/types/random_matrix.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/tasks/registry.h"
#include "irl/off_policy/off_policy.h"
#include "irl/off_policy/sac.h"
#include "irl/off_policy/td3.h"
#include "irl/rewards/task_reward.h"
#include "irl/runs/learners.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

struct Sizes {
  int observations, actions;
  std::vector<int> hidden;
  int batch;
};

/// The matrix products of one update and nothing else.
class Products {
 public:
  /// `forward`, `weights` (gradients) and `inputs` (gradients) passes through a network.
  void add(const Sizes& s, int network_inputs, int outputs, int forward, int weights, int inputs) {
    std::vector<int> widths{network_inputs};
    widths.insert(widths.end(), s.hidden.begin(), s.hidden.end());
    widths.push_back(outputs);
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      const int in = widths[i], out = widths[i + 1];
      for (int k = 0; k < forward; ++k) calls_.push_back({.rows = s.batch, .columns = out, .inner = in});
      for (int k = 0; k < weights; ++k) {
        calls_.push_back({.rows = in, .columns = out, .inner = s.batch, .transpose_a = true});
      }
      for (int k = 0; k < inputs; ++k) {
        if (i > 0) calls_.push_back({.rows = s.batch, .columns = in, .inner = out, .transpose_b = true});
      }
    }
    std::size_t most = 0;
    for (Product& call : calls_) {
      call.a_stride = call.transpose_a ? call.rows : call.inner;
      call.b_stride = call.transpose_b ? call.inner : call.columns;
      call.c_stride = call.columns;
      for (const int size : {call.rows * call.inner, call.inner * call.columns, call.rows * call.columns}) {
        most = std::max(most, static_cast<std::size_t>(size));
      }
    }
    a_.assign(most, 0.01F);
    b_ = c_ = a_;
  }

  void run() {
    for (Product call : calls_) {
      call.a = a_.data();
      call.b = b_.data();
      call.c = c_.data();
      multiply(call);
    }
  }

 private:
  std::vector<Product> calls_;
  std::vector<float> a_, b_, c_;
};

/// Forward and backward passes of one SAC update.
Products sac_products(const Sizes& s) {
  Products products;
  products.add(s, s.observations, 2 * s.actions, 2, 1, 1);
  products.add(s, s.observations + s.actions, 1, 6, 2, 4);
  return products;
}

/// Of two TD3 updates, one of which has the actor's.
Products td3_products(const Sizes& s) {
  Products products;
  products.add(s, s.observations, s.actions, 3, 1, 1);
  products.add(s, s.observations + s.actions, 1, 9, 4, 5);
  return products;
}

/// Gradient steps from a full replay: drawing the batch is part of it.
class Updates {
 public:
  Updates(std::unique_ptr<OffPolicyLearner> learner, const Sizes& s, std::uint64_t seed)
      : learner_(std::move(learner)),
        replay_({.obs_dim = s.observations, .act_dim = s.actions, .streams = 1, .capacity = kSteps}),
        batch_size_(s.batch),
        rng_(seed) {
    Steps steps;
    steps.resize(kSteps, s.observations, s.actions);
    for (Matrix* matrix : {&steps.observations, &steps.actions, &steps.next_observations})
      fill_normal(rng_, *matrix);
    steps.actions = steps.actions.cwiseMax(-1.0F).cwiseMin(1.0F);
    for (float& reward : steps.rewards) reward = static_cast<float>(rng_.normal());
    replay_.add(steps);
  }

  void step() {
    replay_.sample(batch_size_, 1, 0.99, rng_, batch_);
    learner_->gradient_step(batch_, 0);
  }

 private:
  static constexpr int kSteps = 100'000;
  std::unique_ptr<OffPolicyLearner> learner_;
  Replay replay_;
  int batch_size_;
  Rng rng_;
  TransitionBatch batch_;
};

template <class Config>
std::unique_ptr<OffPolicyLearner> make_learner(const Sizes& s, int threads, std::uint64_t seed, Config config,
                                               std::unique_ptr<OffPolicyLearner> (*make)(const RlProblem&,
                                                                                         const Config&)) {
  config.hidden = s.hidden;
  config.off_policy.batch = s.batch;
  return make(
      {.obs_dim = s.observations, .act_dim = s.actions, .horizon = 1000, .seed = seed, .threads = threads},
      config);
}

/// Updates per second, interleaved with the products alone, which do `updates_per_products` updates' work.
Measurement measure_updates(const std::string& name, Updates& updates, Products products,
                            double updates_per_products, int threads, const Options& options) {
  Measurement measurement{name, "updates/s", {}, "", threads};
  for (int i = 0; i < 20; ++i) updates.step();  // memory touched and threads started, as for the peers
  double share = 0;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    measurement.samples.push_back(rate(options.seconds / 2, [&] { updates.step(); }));
    const double most = updates_per_products * rate(options.seconds / 2, [&] { products.run(); });
    share += measurement.samples.back() / most / options.repeats;
  }
  char note[80];
  std::snprintf(note, sizeof note, "%.0f %% of what its matrix products allow on one thread", 100 * share);
  measurement.note = note;
  return measurement;
}

/// A training loop without evaluations: environment steps per second of `environments` swing-ups.
Measurement measure_training(const std::string& name, const std::string& unit, const std::string& rl,
                             const std::string& reward, int environments, int round,
                             const std::vector<std::pair<std::string, std::string>>& values,
                             const Options& options) {
  const std::string task = "InvertedPendulumSwingup";
  BatchedEnvironment batched([&] { return make_environment(task); },
                             {.batch = environments, .threads = 1, .seed = options.seed});
  const auto rl_options = rl_kind(rl).options();
  const RewardKind* kind = reward_kind(reward);
  const auto reward_options = kind == nullptr ? nullptr : kind->options();
  SettingList settings = rl_options->settings();
  if (reward_options) {
    for (Setting& setting : reward_options->settings()) settings.push_back(std::move(setting));
  }
  for (const auto& [key, value] : values) {
    bool known = false;
    for (const Setting& setting : settings) {
      if (setting.name == key) {
        set_setting(setting, value);
        known = true;
      }
    }
    if (!known) throw Error("bench rl: " + rl + " and " + reward + " have no option " + key);
  }
  const EnvironmentSpec& spec = batched.spec();
  // An expert that is nobody's: speed does not depend on what is imitated.
  ExpertTransitions expert;
  Rng rng(options.seed);
  for (Matrix* matrix : {&expert.observations, &expert.next_observations})
    matrix->resize(1000, spec.observation.size());
  expert.actions.resize(1000, spec.action.size());
  for (Matrix* matrix : {&expert.observations, &expert.next_observations, &expert.actions})
    fill_normal(rng, *matrix);
  expert.terminated.assign(1000, 0);

  std::unique_ptr<RewardLearner> scorer = std::make_unique<TaskReward>();
  if (reward_options) {
    scorer = reward_options->make(
        {.expert = &expert, .environments = environments, .horizon = spec.horizon, .seed = options.seed});
  }
  const auto learner = rl_options->make({.obs_dim = spec.observation.size(),
                                         .act_dim = spec.action.size(),
                                         .environments = environments,
                                         .horizon = spec.horizon,
                                         .seed = options.seed},
                                        nullptr);
  Steps steps;
  steps.resize(environments, spec.observation.size(), spec.action.size());
  for (int i = 0; i < environments; ++i) steps.streams[static_cast<std::size_t>(i)] = i;
  steps.observations = batched.reset().observations;
  const auto one_round = [&] {
    for (int t = 0; t < round; ++t) {
      learner->act(steps.observations, steps.actions);
      const BatchStep& batch = batched.step(steps.actions);
      steps.next_observations = batch.final_observations;
      steps.rewards = batch.rewards;
      steps.terminated = batch.terminated;
      steps.truncated = batch.truncated;
      scorer->score(steps);
      learner->observe(steps);
      steps.observations = batch.observations;
      learner->update(*scorer);
    }
  };
  Measurement measurement{name, unit, {}, "end to end, " + task};
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    measurement.samples.push_back(environments * round * rate(options.seconds, one_round));
  }
  return measurement;
}

}  // namespace

std::vector<Measurement> bench_rl(const Options& options) {
  const int threads_before = blas_threads();
  set_blas_threads(1);
  const Sizes large{17, 6, {256, 256}, 256};
  const Sizes small{3, 1, {64, 64}, 100};
  std::vector<Measurement> measurements;
  for (const int threads : {1, 2}) {
    Updates sac(make_learner(large, threads, options.seed, SacConfig{}, make_sac), large, options.seed);
    measurements.push_back(measure_updates("sac_256", sac, sac_products(large), 1, threads, options));
    Updates td3(make_learner(large, threads, options.seed, Td3Config{}, make_td3), large, options.seed);
    measurements.push_back(measure_updates("td3_256", td3, td3_products(large), 2, threads, options));
  }
  Updates sac(make_learner(small, 1, options.seed, SacConfig{}, make_sac), small, options.seed);
  measurements.push_back(measure_updates("sac_64", sac, sac_products(small), 1, 1, options));
  measurements.push_back(measure_training("ppo_64", "samples/s", "ppo", "task", 8, 256,
                                          {{"rollout", "2048"}, {"epochs", "10"}, {"batch", "64"}}, options));
  measurements.push_back(measure_training("gail_pendulum", "steps/s", "ppo", "gail", 8, 256,
                                          {{"rollout", "2048"}, {"epochs", "5"}, {"batch", "64"}}, options));
  set_blas_threads(threads_before);
  return measurements;
}

}  // namespace understudy::bench
