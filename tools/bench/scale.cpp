#include "tools/bench/scale.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "bc/cloning/sequence_cloning.h"
#include "datasets/types/random_matrix.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/tasks/registry.h"
#include "irl/rewards/task_reward.h"
#include "irl/runs/learners.h"
#include "irl/runs/shard_rollouts.h"
#include "irl/runs/unfinished_episodes.h"

namespace understudy::bench {
namespace {

constexpr int kObs = 17, kAct = 6;  // HalfCheetah's, as other toolkits are measured at
constexpr const char* kTask = "InvertedPendulumSwingup";
constexpr int kEnvironments = 64, kRollout = 2048, kMinibatch = 64, kEpochs = 10;

CloningPairs random_pairs(std::uint64_t seed) {
  CloningPairs pairs{Matrix(20'000, kObs), Matrix(20'000, kAct)};
  Rng rng(seed);
  fill_normal(rng, pairs.observations);
  fill_normal(rng, pairs.actions);
  pairs.actions = pairs.actions.cwiseMax(-1.0F).cwiseMin(1.0F);
  pairs.lengths.assign(100, 200);
  return pairs;
}

ScaleCase perceptron(int shards, std::uint64_t seed) {
  const CloningConfig config{.batch = 256, .shards = shards, .seed = seed};
  const Mlp network({.inputs = kObs, .hidden = config.hidden, .outputs = kAct});
  return {.name = "bc mlp 256,256, batch 256",
          .unit = "update",
          .numbers = static_cast<std::size_t>(network.parameter_count()),
          .sums = 1,
          .most_shards = config.batch,
          .make = [config, seed](std::shared_ptr<Ranks> ranks) -> std::function<void()> {
            const auto cloning =
                std::make_shared<Cloning>(config, random_pairs(seed), nullptr, nullptr, std::move(ranks));
            return [cloning] { cloning->update(); };
          }};
}

ScaleCase planner(const std::string& name, const std::string& kind, int batch, int shards,
                  std::uint64_t seed) {
  SequenceCloningConfig config;
  config.kind = kind;
  config.design = default_design(kind);
  config.batch = batch;
  config.shards = shards;
  config.seed = seed;
  std::size_t numbers = 0;
  for (const DesignTensor& tensor : make_design(kind, config.design, kObs, kAct).tensors) {
    std::size_t size = 1;
    for (const std::int64_t length : tensor.shape) size *= static_cast<std::size_t>(length);
    numbers += size;
  }
  return {.name = "bc " + name + ", batch " + std::to_string(batch),
          .unit = "update",
          .numbers = numbers,
          .sums = 1,
          .most_shards = batch,
          .make = [config, seed](std::shared_ptr<Ranks> ranks) -> std::function<void()> {
            const auto cloning = std::make_shared<SequenceCloning>(config, random_pairs(seed), kObs, kAct,
                                                                   nullptr, std::move(ranks));
            return [cloning] { cloning->update(); };
          }};
}

/// Rollouts and learning as a run has them, without evaluations; imitating an expert that is nobody's.
class Rollouts {
 public:
  Rollouts(const std::string& rl, const std::string& reward, int shards, std::uint64_t seed,
           std::shared_ptr<Ranks> ranks)
      : shards_(std::make_shared<Shards>(shards, ranks)),
        own_(shards_->rows_of(kEnvironments, ranks->rank())),
        environments_([] { return make_environment(kTask); },
                      {.batch = own_.count(),
                       .threads = 1,
                       .seed = seed + static_cast<std::uint64_t>(own_.first),
                       .all = kEnvironments}),
        obs_dim_(environments_.spec().observation.size()),
        act_dim_(environments_.spec().action.size()),
        rollouts_(shards_, kEnvironments, obs_dim_, act_dim_),
        normaliser_(identity_normaliser(obs_dim_)) {
    const auto rl_options = rl_kind(rl).options();
    for (const Setting& setting : rl_options->settings()) {
      if (setting.name == "rollout") set_setting(setting, std::to_string(kRollout));
    }
    learner_ = rl_options->make({.obs_dim = obs_dim_,
                                 .act_dim = act_dim_,
                                 .environments = kEnvironments,
                                 .horizon = environments_.spec().horizon,
                                 .seed = seed,
                                 .shards = shards_},
                                nullptr);
    reward_ = std::make_unique<TaskReward>();
    if (const RewardKind* kind = reward_kind(reward)) {
      Rng rng(seed);
      for (Matrix* matrix : {&expert_.observations, &expert_.next_observations})
        matrix->resize(1000, obs_dim_);
      expert_.actions.resize(1000, act_dim_);
      for (Matrix* matrix : {&expert_.observations, &expert_.next_observations, &expert_.actions})
        fill_normal(rng, *matrix);
      expert_.terminated.assign(1000, 0);
      reward_ = kind->options()->make({.expert = &expert_,
                                       .environments = kEnvironments,
                                       .horizon = environments_.spec().horizon,
                                       .seed = seed});
    }
    steps_.resize(kEnvironments, obs_dim_, act_dim_);
    for (int i = 0; i < kEnvironments; ++i) steps_.streams[static_cast<std::size_t>(i)] = i;
    if (reward_->scores_episodes())
      episodes_.emplace(
          UnfinishedEpisodes::Shape{.streams = kEnvironments, .obs_dim = obs_dim_, .act_dim = act_dim_});
    observations_ = environments_.reset().observations;
  }

  void update() {
    RolloutActor& actor = *learner_->rollout_actor();
    rollouts_.collect(kRollout / kEnvironments, environments_, normaliser_, actor, observations_);
    const auto learn_from = [this](Steps& steps) {
      reward_->score(steps);
      learner_->observe(steps);
    };
    for (int t = 0; t < kRollout / kEnvironments; ++t) {
      rollouts_.take(t, steps_, samples_, density_);
      actor.acted(samples_, density_);
      if (episodes_) {
        episodes_->add(steps_, learn_from);
      } else {
        learn_from(steps_);
      }
    }
    learner_->update(*reward_);
  }

 private:
  std::shared_ptr<Shards> shards_;
  ShardRange own_;
  BatchedEnvironment environments_;
  int obs_dim_, act_dim_;
  ShardRollouts rollouts_;
  Normaliser normaliser_;
  ExpertTransitions expert_;
  std::unique_ptr<RewardLearner> reward_;
  std::unique_ptr<RlLearner> learner_;
  std::optional<UnfinishedEpisodes> episodes_;
  Steps steps_;
  Matrix samples_, observations_;
  Vector density_;
};

ScaleCase rollouts(const std::string& rl, const std::string& reward, int shards, std::uint64_t seed) {
  const EnvironmentSpec spec = make_environment(kTask)->spec();
  const int obs = spec.observation.size(), act = spec.action.size();
  const Mlp actor({.inputs = obs, .hidden = {64, 64}, .outputs = act});
  const Mlp critic({.inputs = obs, .hidden = {64, 64}, .outputs = 1});
  const bool sums = rl == "ppo";
  return {.name = reward.empty() ? rl : reward + " with " + rl,
          .unit = "rollout of " + std::to_string(kRollout),
          .numbers = static_cast<std::size_t>(actor.parameter_count() + act + critic.parameter_count()),
          .sums = sums ? kEpochs * kRollout / kMinibatch : 0,
          .rollout_bytes = sizeof(float) * static_cast<std::size_t>(kRollout * (2 * obs + act + 4)),
          .most_shards = kEnvironments,
          .make = [=](std::shared_ptr<Ranks> ranks) -> std::function<void()> {
            const auto made = std::make_shared<Rollouts>(rl, reward.empty() ? "task" : reward, shards, seed,
                                                         std::move(ranks));
            return [made] { made->update(); };
          }};
}

}  // namespace

double exchange_seconds(Ranks& ranks, std::size_t bytes, int repeats) {
  std::vector<std::byte> data(bytes * static_cast<std::size_t>(ranks.size()));
  std::vector<std::size_t> firsts;
  for (int r = 0; r <= ranks.size(); ++r) firsts.push_back(static_cast<std::size_t>(r) * bytes);
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    ranks.barrier();
    const auto start = std::chrono::steady_clock::now();
    ranks.all_gather(data, firsts);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats) / 2];
}

std::vector<ScaleCase> scale_cases(int shards, std::uint64_t seed) {
  return {perceptron(shards, seed),
          planner("rnn", "recurrent", 64, shards, seed),
          planner("transformer", "transformer", 64, shards, seed),
          planner("diffusion", "diffusion", 128, shards, seed),
          rollouts("ppo", "", shards, seed),
          rollouts("trpo", "", shards, seed),
          rollouts("ppo", "gail", shards, seed),
          rollouts("ppo", "airl", shards, seed),
          rollouts("ppo", "pwil", shards, seed)};
}

}  // namespace understudy::bench
