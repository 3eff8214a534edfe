#include "irl/runs/rl_run.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/networks/blas.h"
#include "bc/networks/mlp_device.h"
#include "bc/policies/warm_start.h"
#include "bc/runs/manifest.h"
#include "bc/runs/setting_json.h"
#include "bc/runs/training_run.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/tasks/registry.h"
#include "irl/experts/policy_distance.h"
#include "irl/experts/random_control.h"
#include "irl/runs/clone.h"
#include "irl/runs/rl_run_options.h"
#include "irl/runs/training_returns.h"
#include "irl/runs/unfinished_episodes.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

class RlTrainee final : public Trainee {
 public:
  explicit RlTrainee(RlRunConfig config)
      : config_(std::move(config)),
        options_(config_),
        randomisation_(randomisation_of(config_)),
        environments_([this] { return make_environment(config_.environment, randomisation_); },
                      {.batch = config_.environments,
                       .threads = config_.threads,
                       .seed = episode_seed(SeedUse::kTraining, config_.seed, 0)}),
        returns_(config_.environments) {
    set_blas_threads(1);
    normaliser_ = identity_normaliser(spec().observation.size());
    const std::shared_ptr<MlpDevice> device = make_mlp_device(config_.device);
    if (imitates(config_)) load_expert();
    std::shared_ptr<const Policy> start;
    if (!config_.warm_start.empty()) {
      start = load_warm_start(config_.warm_start, spec());
    } else if (config_.clone) {
      start = clone_of(expert_->transitions, spec(), options_.hidden(), config_.seed);
    }
    begins_trained_ = start != nullptr;
    // Its network has seen observations in its own normalisation; what the learner is fed must be the same.
    if (start) normaliser_ = start->normaliser;
    if (expert_) {
      normaliser_.apply(expert_->transitions.observations);
      normaliser_.apply(expert_->transitions.next_observations);
      reach_ = PolicyDistance(*expert_, normaliser_, kTrackedAtoms).reach();
    }
    const ExpertTransitions* transitions = expert_ ? &expert_->transitions : nullptr;
    const RlProblem problem{.obs_dim = spec().observation.size(),
                            .act_dim = spec().action.size(),
                            .environments = config_.environments,
                            .horizon = spec().horizon,
                            .seed = config_.seed,
                            .threads = config_.threads,
                            .steps = config_.steps,
                            .warm_start = start,
                            .device = device};
    reward_ = options_.make_reward({.expert = transitions,
                                    .environments = config_.environments,
                                    .horizon = spec().horizon,
                                    .seed = config_.seed,
                                    .device = device});
    options_.check(*reward_, config_.steps);
    learner_ = options_.rl->make(problem, transitions);
    steps_taken_.resize(config_.environments, problem.obs_dim, problem.act_dim);
    for (int i = 0; i < config_.environments; ++i) steps_taken_.streams[static_cast<std::size_t>(i)] = i;
    if (reward_->scores_episodes()) {
      episodes_.emplace(UnfinishedEpisodes::Shape{
          .streams = config_.environments, .obs_dim = problem.obs_dim, .act_dim = problem.act_dim});
    }
    actions_.resize(config_.environments, problem.act_dim);
    keep_observations(environments_.reset());
  }

  const RunConfig& config() const override { return config_; }
  SettingList settings() override {
    SettingList list = understudy::settings(config_);
    for (const Setting& setting : options_.list()) list.push_back(setting);
    return list;
  }
  const EnvironmentSpec& spec() const override { return environments_.spec(); }
  std::string dataset_sha256() const override { return expert_ ? expert_->sha256 : ""; }
  std::string material() const override {
    char text[96] = "";
    if (expert_) {
      std::snprintf(text, sizeof text, "demonstrations: return %.2f, W1 between their halves %.2f",
                    expert_->mean_return, reach_);
    }
    return text;
  }

  bool begins_trained() const override { return begins_trained_; }
  double reach() const override { return reach_; }
  std::string unit() const override { return "step"; }
  int count() const override { return steps_; }
  int total() const override { return config_.steps; }

  /// One step of every environment, and what the learner does with it.
  void advance() override {
    learner_->act(steps_taken_.observations, actions_);
    const BatchStep& batch = environments_.step(actions_);
    steps_taken_.actions = actions_;
    steps_taken_.next_observations = batch.final_observations;
    normaliser_.apply(steps_taken_.next_observations);
    steps_taken_.rewards = batch.rewards;
    steps_taken_.terminated = batch.terminated;
    steps_taken_.truncated = batch.truncated;
    ended_ += returns_.add(steps_taken_);
    if (episodes_) {
      episodes_->add(steps_taken_, [this](Steps& episode) { learn_from(episode); });
    } else {
      learn_from(steps_taken_);
    }
    keep_observations(batch);
    steps_ += config_.environments;
    learner_->update(*reward_);
  }

  std::string note() const override {
    char text[64] = "";
    if (std::isfinite(returns_.latest()))
      std::snprintf(text, sizeof text, "%d episodes, return %.1f", ended_, returns_.latest());
    return text;
  }

  Policy policy() const override { return run_policy(normaliser_, learner_->policy()); }

  bool reports_units() const override { return false; }

  void report(const Trial* trial, Metrics& metrics) override {
    metrics.set("steps", steps_, "");
    metrics.set("updates", static_cast<double>(learner_->updates()));
    metrics.set("episodes", ended_);
    returns_.report(metrics);
    metrics.set("eval_return", trial->summary.mean_return);
    metrics.set("eval_success", spec().has_success() ? trial->summary.success_rate
                                                     : std::numeric_limits<double>::quiet_NaN());
    metrics.set("eval_length", trial->summary.mean_length);
    if (expert_) metrics.set("eval_distance", trial->closeness->distance);
    if (config_.keep == Keep::kClosest) metrics.set("eval_gap", trial->closeness->gap);
    if (expert_) metrics.set("eval_likeness", trial->closeness->likeness);
    learner_->report(metrics);
    reward_->report(metrics);
  }

  std::optional<Closeness> closeness(const Policy& policy, bool last,
                                     const std::function<void()>& between) override {
    if (!expert_) return {};
    const PolicyDistance distance(*expert_, normaliser_, last ? kDistanceAtoms : kTrackedAtoms);
    const int episodes = last                             ? kDistanceEpisodes
                         : config_.keep == Keep::kClosest ? config_.evaluation_episodes
                                                          : 1;
    const auto environment = make_environment(config_.environment, randomisation_);
    const auto actor = policy_actor(policy);
    std::vector<std::uint64_t> seeds;
    for (int i = 0; i < episodes; ++i) {
      const std::uint64_t index = (last ? kFinalEpisodes : 0) + static_cast<std::uint64_t>(i);
      seeds.push_back(episode_seed(SeedUse::kSelection, config_.seed, index));
    }
    return distance(*environment, *actor, seeds, between);
  }

  ordered_json manifest(const RunResult* result) override {
    ordered_json document = {
        {"seed", config_.seed}, {"environment", config_.environment}, {"threads", config_.threads}};
    if (expert_) {
      document["dataset"] = {{"path", config_.demonstrations.data},
                             {"sha256", expert_->sha256},
                             {"episodes", expert_->episodes},
                             {"transitions", expert_->transitions.size()},
                             {"mean_return", expert_->mean_return}};
    }
    ordered_json& config = document["config"];
    config = {{"learner", config_.learner}, {"reward", config_.reward}, {"rl", config_.rl}};
    config.update(settings_json(task_settings(config_, true)));
    config.update(settings_json(understudy::settings(config_)));
    config["random-control"] = config_.random_control;
    config["randomisation"] = config_.randomisation;
    for (const auto& [name, value] : config_.settings) config["settings"][name] = value;
    if (result != nullptr) {
      ordered_json& entry = document["result"];
      entry = {{"steps", result->count}, {"updates", learner_->updates()}};
      entry.update(result_json(*result, spec().has_success()));
    }
    return document;
  }

  void serialise(Archive& archive) override {
    serialise_normaliser(archive);
    archive("run steps", steps_);
    archive.want_range(steps_, 0, std::int64_t{config_.steps} + config_.environments);
    archive("run episodes", ended_);
    archive.want_range(ended_, 0, steps_);
    returns_.serialise(archive);
    serialise_environments(archive);
    if (episodes_) episodes_->serialise(archive);
    learner_->serialise(archive);
    reward_->serialise(archive);
  }

 private:
  void load_expert() {
    Rng rng = demonstration_rng(config_.seed);
    expert_ = load_expert_data(config_.demonstrations, spec(), rng);
    if (config_.random_control)
      replace_by_random(*expert_, config_.environment, config_.seed, config_.demonstrations, rng);
    expert_->transitions.states_only = config_.states_only;
    if (config_.states_only) expert_->transitions.actions.setZero();
    normaliser_ = expert_->normaliser;
  }

  void keep_observations(const BatchStep& batch) {
    steps_taken_.observations = batch.observations;
    normaliser_.apply(steps_taken_.observations);
  }

  void learn_from(Steps& steps) {
    reward_->score(steps);
    learner_->observe(steps);
  }

  void serialise_normaliser(Archive& archive) {
    const Normaliser made = normaliser_;
    archive("normaliser mean", normaliser_.mean);
    archive.want_finite(normaliser_.mean);
    archive("normaliser scale", normaliser_.scale);
    archive.want_finite(normaliser_.scale);
    if (!config_.warm_start.empty() && (normaliser_.mean != made.mean || normaliser_.scale != made.scale)) {
      throw Error(config_.warm_start +
                  ": has changed since the run began: it sees observations in another normalisation; put the "
                  "old file back, or train a new run");
    }
  }

  /// Each environment is its episode's seed and actions so far. Loading repeats them.
  void serialise_environments(Archive& archive) {
    BatchedEnvironment::State state = environments_.save_state();
    for (std::size_t i = 0; i < state.snapshots.size(); ++i) {
      Snapshot& snapshot = state.snapshots[i];
      archive("environment episodes", state.episodes[i]);
      archive("environment seed", snapshot.seed);
      archive("environment actions", snapshot.actions);
      archive.want_range(snapshot.actions.rows(), 0, spec().horizon);
      if (snapshot.actions.rows() > 0)
        archive.want_range(snapshot.actions.cols(), actions_.cols(), actions_.cols());
      if (!snapshot.actions.allFinite()) archive.refuse("finite numbers", "others");
      std::string variation = to_json(snapshot.variation);
      archive("environment variation", variation);
      if (archive.loading()) snapshot.variation = variation_from_json(variation, archive.place());
    }
    if (archive.loading()) keep_observations(environments_.restore_state(state));
  }

  RlRunConfig config_;
  RlRunOptions options_;
  Randomisation randomisation_;
  BatchedEnvironment environments_;
  TrainingReturns returns_;
  std::optional<ExpertData> expert_;  ///< observations normalised
  Normaliser normaliser_;             ///< of everything that learner and reward see
  std::unique_ptr<RewardLearner> reward_;
  std::unique_ptr<RlLearner> learner_;
  bool begins_trained_ = false;  ///< from a policy
  double reach_ = 0;
  int steps_ = 0;
  int ended_ = 0;      ///< episodes
  Steps steps_taken_;  ///< the present step; its observations are what to act on next
  Matrix actions_;
  std::optional<UnfinishedEpisodes> episodes_;  ///< for rewards of whole episodes
};

void lengthen(RlRunConfig& config, int steps) {
  if (steps <= config.steps) {
    throw UsageError("--steps: want more than the run's " + std::to_string(config.steps) + ", found " +
                     std::to_string(steps));
  }
  bool falls = false, in_cycles = false;
  for (const auto& [name, value] : config.settings) {
    if (name == "decay") falls = value == "true";
    if (name == "first-cycle") in_cycles = value != "0";
  }
  if (falls && !in_cycles) {
    throw UsageError("--steps: a run with --decay has learnt less and less over its " +
                     std::to_string(config.steps) + " steps: train a new one for more");
  }
  config.steps = steps;
}

}  // namespace

RunResult train_rl(const RlRunConfig& config, bool overwrite, const RunHooks& hooks) {
  validate(config);
  RlRunConfig resolved = config;
  make_paths_absolute(settings(resolved));
  return train_run(config, overwrite, hooks, [&] { return std::make_unique<RlTrainee>(resolved); });
}

RunResult resume_rl(const std::filesystem::path& path, const RunHooks& hooks, const ResumeOptions& options) {
  return resume_run(path, hooks, [&](const SavedOptions& saved) {
    RlRunConfig config = default_rl_run(saved.learner);
    config.settings = read_settings(settings(config), saved.settings, saved.place);
    config.randomisation = saved.randomisation;
    take_over(options, saved, config);
    if (options.steps) lengthen(config, *options.steps);
    validate(config);
    return std::make_unique<RlTrainee>(config);
  });
}

}  // namespace understudy
