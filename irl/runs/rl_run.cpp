#include "irl/runs/rl_run.h"

#include <algorithm>
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
#include "bc/runs/rank_agreement.h"
#include "bc/runs/setting_json.h"
#include "bc/runs/training_run.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/tasks/registry.h"
#include "irl/experts/policy_distance.h"
#include "irl/experts/random_control.h"
#include "irl/runs/adaptive_curriculum.h"
#include "irl/runs/clone.h"
#include "irl/runs/rl_run_options.h"
#include "irl/runs/shard_rollouts.h"
#include "irl/runs/training_returns.h"
#include "irl/runs/unfinished_episodes.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

/// Whether the learner collects whole rollouts before it learns.
bool collects(const RlRunConfig& config) {
  const auto options = rl_kind(config.rl).options();
  const SettingList list = options->settings();
  return std::any_of(list.begin(), list.end(),
                     [](const Setting& setting) { return setting.name == "rollout"; });
}

/// Throws UsageError for a learner that does not train in step, and for ranks without a shard.
std::shared_ptr<Shards> make_shards(const RlRunConfig& config, std::shared_ptr<Ranks> ranks) {
  if (!collects(config) && (config.shards > 1 || ranks->several())) {
    throw UsageError("--shards: want 1, and one process, with " + config.rl +
                     ", which learns after every step, found " + std::to_string(config.shards) + " and " +
                     std::to_string(ranks->size()) +
                     "; ppo and trpo train in step; for many seeds see: understudy plan train --seeds");
  }
  want_shards(*ranks, config.shards);
  return std::make_shared<Shards>(config.shards, std::move(ranks));
}

class RlTrainee final : public Trainee {
 public:
  RlTrainee(RlRunConfig config, std::shared_ptr<Ranks> ranks)
      : config_(std::move(config)),
        shards_(make_shards(config_, ranks)),
        own_(shards_->rows_of(config_.environments, ranks->rank())),
        options_(config_),
        randomisation_(randomisation_of(config_)),
        curriculum_(make_curriculum()),
        environments_([this] { return make_training_environment(); },
                      {.batch = own_.count(),
                       .threads = config_.threads,
                       .seed = episode_seed(SeedUse::kTraining, config_.seed, 0) +
                               static_cast<std::uint64_t>(own_.first),
                       .all = config_.environments,
                       .spread = imitates(config_) && collects(config_),
                       .first = own_.first}),
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
                            .action_deviations = start && config_.clone ? deviations_of_actions() : Vector(),
                            .device = device,
                            .shards = shards_};
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
    if (shards_->split()) rollouts_.emplace(shards_, config_.environments, problem.obs_dim, problem.act_dim);
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

  /// One step of every environment, and what the learner does with it; in shards a whole rollout.
  void advance() override {
    if (rollouts_) return advance_rollout();
    learner_->act(steps_taken_.observations, actions_);
    const BatchStep& batch = environments_.step(actions_);
    steps_taken_.actions = actions_;
    steps_taken_.next_observations = batch.final_observations;
    normaliser_.apply(steps_taken_.next_observations);
    steps_taken_.rewards = batch.rewards;
    steps_taken_.terminated = batch.terminated;
    steps_taken_.truncated = batch.truncated;
    take_in();
    if (curriculum_) curriculum_->add(environments_, batch);
    keep_observations(batch);
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
    if (curriculum_) curriculum_->report(metrics);
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
      if (curriculum_) entry["ranges"] = to_toml(curriculum_->randomisation().present());
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
    if (curriculum_) curriculum_->serialise(archive);
    serialise_environments(archive);
    if (episodes_) episodes_->serialise(archive);
    learner_->serialise(archive);
    reward_->serialise(archive);
  }

 private:
  std::unique_ptr<AdaptiveCurriculum> make_curriculum() const {
    if (!randomisation_.adapts()) return nullptr;
    if (config_.shards > 1) {
      throw UsageError(
          "--shards: want 1 with ranges that adapt, which need each step's outcome at once, found " +
          std::to_string(config_.shards));
    }
    return std::make_unique<AdaptiveCurriculum>(randomisation_, make_environment(config_.environment)->spec(),
                                                config_.environments);
  }

  std::unique_ptr<Environment> make_training_environment() const {
    auto environment = make_environment(config_.environment, randomisation_);
    if (curriculum_)
      environment->vary([this](std::uint64_t seed) { return curriculum_->randomisation().draw(seed); });
    return environment;
  }

  /// The actor stands still, and so the steps may come later than they are taken: first this rank takes its own.
  void advance_rollout() {
    RolloutActor& actor = *learner_->rollout_actor();
    const auto rounds = [&](int steps) { return (steps - 1) / config_.environments + 1; };
    const int count = std::min(rounds(actor.rollout()), rounds(config_.steps - steps_));
    rollouts_->collect(count, environments_, normaliser_, actor, own_observations_);
    Matrix samples;
    Vector log_density;
    for (int t = 0; t < count; ++t) {
      rollouts_->take(t, steps_taken_, samples, log_density);
      actor.acted(samples, log_density);
      take_in();
    }
    learner_->update(*reward_);
  }

  /// Scores steps_taken_, or episodes that are complete with it, and passes them on.
  void take_in() {
    ended_ += returns_.add(steps_taken_);
    if (episodes_) {
      episodes_->add(steps_taken_, [this](Steps& episode) { learn_from(episode); });
    } else {
      learn_from(steps_taken_);
    }
    steps_ += config_.environments;
  }

  void load_expert() {
    Rng rng = demonstration_rng(config_.seed);
    expert_ = load_expert_data(config_.demonstrations, spec(), rng);
    if (config_.random_control)
      replace_by_random(*expert_, config_.environment, config_.seed, config_.demonstrations, rng);
    expert_->transitions.states_only = config_.states_only;
    if (config_.states_only) expert_->transitions.actions.setZero();
    normaliser_ = expert_->normaliser;
  }

  Vector deviations_of_actions() const {
    const Matrix& actions = expert_->transitions.actions;
    const Matrix centred = actions.rowwise() - actions.colwise().mean();
    return (centred.colwise().squaredNorm() / static_cast<float>(actions.rows())).cwiseSqrt().transpose();
  }

  void keep_observations(const BatchStep& batch) {
    Matrix& kept = rollouts_ ? own_observations_ : steps_taken_.observations;
    kept = batch.observations;
    normaliser_.apply(kept);
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

  /// An environment is its episode's seed and actions so far. Loading repeats them.
  void serialise_environment(Archive& archive, std::uint64_t& episodes, Snapshot& snapshot) const {
    archive("environment episodes", episodes);
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

  /// Saving gathers those of all ranks, loading takes this one's.
  void serialise_environments(Archive& archive) {
    BatchedEnvironment::State state = environments_.save_state();
    BatchedEnvironment::State all = state;
    if (shards_->ranks().several()) {
      const auto count = static_cast<std::size_t>(config_.environments);
      all = {std::vector<std::uint64_t>(count), std::vector<Snapshot>(count)};
      if (!archive.loading()) gather(state, all);
    }
    for (std::size_t i = 0; i < all.snapshots.size(); ++i)
      serialise_environment(archive, all.episodes[i], all.snapshots[i]);
    if (!archive.loading()) return;
    if (shards_->ranks().several()) {
      const auto first = own_.first, end = own_.end;
      state = {{all.episodes.begin() + first, all.episodes.begin() + end},
               {all.snapshots.begin() + first, all.snapshots.begin() + end}};
    } else {
      state = std::move(all);
    }
    keep_observations(environments_.restore_state(state));
  }

  void gather(BatchedEnvironment::State& own, BatchedEnvironment::State& all) {
    Archive archive;
    for (std::size_t i = 0; i < own.snapshots.size(); ++i)
      serialise_environment(archive, own.episodes[i], own.snapshots[i]);
    std::size_t i = 0;
    Ranks& ranks = shards_->ranks();
    const std::vector<std::string> parts = ranks.all_gather(archive.bytes());
    for (int rank = 0; rank < ranks.size(); ++rank) {
      Archive part(parts[static_cast<std::size_t>(rank)], "environments of a rank");
      for (int k = shards_->rows_of(config_.environments, rank).count(); k > 0; --k, ++i)
        serialise_environment(part, all.episodes[i], all.snapshots[i]);
    }
  }

  RlRunConfig config_;
  std::shared_ptr<Shards> shards_;
  ShardRange own_;  ///< environments of this rank
  RlRunOptions options_;
  Randomisation randomisation_;
  std::unique_ptr<AdaptiveCurriculum> curriculum_;  ///< null: nothing adapts
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
  std::optional<ShardRollouts> rollouts_;       ///< when split
  Matrix own_observations_;                     ///< then, of own_, what to act on next
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
  together(*hooks.ranks, [&] { validate(config); });
  RlRunConfig resolved = config;
  make_paths_absolute(settings(resolved));
  return train_run(config, overwrite, hooks,
                   [&] { return std::make_unique<RlTrainee>(resolved, hooks.ranks); });
}

RunResult resume_rl(const std::filesystem::path& path, const RunHooks& hooks, const ResumeOptions& options) {
  return resume_run(path, hooks, [&](const SavedOptions& saved) {
    RlRunConfig config = default_rl_run(saved.learner);
    config.settings = read_settings(settings(config), saved.settings, saved.place);
    config.randomisation = saved.randomisation;
    take_over(options, saved, config);
    if (options.steps) lengthen(config, *options.steps);
    validate(config);
    return std::make_unique<RlTrainee>(config, hooks.ranks);
  });
}

}  // namespace understudy
