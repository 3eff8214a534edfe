#include "irl/runs/rl_run.h"

#include <algorithm>
#include <chrono>

#include "bc/cloning/cloning_checkpoint.h"
#include "bc/networks/blas.h"
#include "bc/networks/mlp_device.h"
#include "bc/policies/warm_start.h"
#include "bc/runs/candidates.h"
#include "bc/runs/metrics_log.h"
#include "bc/runs/run_directory.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "irl/experts/expert_distance.h"
#include "irl/experts/random_control.h"
#include "irl/runs/rl_checkpoint.h"
#include "irl/runs/rl_manifest.h"
#include "irl/runs/rl_run_options.h"
#include "irl/runs/training_returns.h"
#include "irl/runs/unfinished_episodes.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

/// First of the selection episodes that only the final evaluation uses.
constexpr std::uint64_t kFinalEpisodes = 20'000;
/// Final episodes whose distance to the demonstrations is worked out.
constexpr int kDistanceEpisodes = 5;
/// Transitions of the demonstrations that count then, and on the way, when it must be quick.
constexpr Eigen::Index kDistanceAtoms = 2000;
constexpr Eigen::Index kTrackedAtoms = 300;
/// Seconds between two checkpoints, which hold the whole replay.
constexpr double kCheckpointSeconds = 120;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void lengthen(RlRunConfig& config, int steps) {
  if (steps <= config.steps) {
    throw UsageError("--steps: want more than the run's " + std::to_string(config.steps) + ", found " +
                     std::to_string(steps));
  }
  for (const auto& [name, value] : config.settings) {
    if (name == "decay" && value == "true") {
      throw UsageError("--steps: a run with --decay has learnt less and less over its " +
                       std::to_string(config.steps) + " steps: train a new one for more");
    }
  }
  config.steps = steps;
}

class RlRun {
 public:
  RlRun(RlRunConfig config, const RlHooks& hooks)
      : config_(std::move(config)),
        hooks_(hooks),
        options_(config_),
        randomisation_(parse_randomisation(config_.randomisation, config_.randomise)),
        environments_([this] { return make_environment(config_.environment, randomisation_); },
                      {.batch = config_.environments,
                       .threads = config_.threads,
                       .seed = episode_seed(SeedUse::kTraining, config_.seed, 0)}),
        returns_(config_.environments) {
    set_blas_threads(1);
    set_mlp_device(make_mlp_device(config_.device));
    const EnvironmentSpec& spec = environments_.spec();
    normaliser_ = identity_normaliser(spec.observation.size());
    std::shared_ptr<const Policy> start;
    if (!config_.warm_start.empty()) {
      start = load_warm_start(config_.warm_start, spec);
      // Its network has seen observations in its own normalisation; what the learner is fed must be the same.
      normaliser_ = start->normaliser;
    }
    if (!config_.expert.data.empty()) {
      Rng rng = Rng::stream(config_.seed, kExpertStream);
      expert_ = load_expert_data(config_.expert, spec, rng);
      if (config_.random_control) replace_by_random(*expert_, config_.environment, config_.seed, rng);
      if (start == nullptr) normaliser_ = expert_->normaliser;
      normaliser_.apply(expert_->transitions.observations);
      normaliser_.apply(expert_->transitions.next_observations);
    }
    const ExpertTransitions* transitions = expert_ ? &expert_->transitions : nullptr;
    RlProblem problem{.obs_dim = spec.observation.size(),
                      .act_dim = spec.action.size(),
                      .environments = config_.environments,
                      .horizon = spec.horizon,
                      .seed = config_.seed,
                      .threads = config_.threads,
                      .steps = config_.steps,
                      .warm_start = start};
    reward_ = options_.make_reward({.expert = transitions,
                                    .environments = config_.environments,
                                    .horizon = spec.horizon,
                                    .seed = config_.seed});
    options_.check(*reward_, config_.steps);
    learner_ = options_.rl->make(problem, transitions);
    steps_taken_.resize(config_.environments, problem.obs_dim, problem.act_dim);
    for (int i = 0; i < config_.environments; ++i) steps_taken_.streams[static_cast<std::size_t>(i)] = i;
    if (reward_->scores_episodes()) {
      episodes_.emplace(UnfinishedEpisodes::Shape{
          .streams = config_.environments, .obs_dim = problem.obs_dim, .act_dim = problem.act_dim});
    }
    actions_.resize(config_.environments, problem.act_dim);
    policy_.environment_id = config_.environment;
    policy_.observation = spec.observation;
    policy_.action = spec.action;
    policy_.learner = config_.learner;
    policy_.config = to_policy_toml(config_);
    policy_.dataset_sha256 = expert_ ? expert_->sha256 : "";
    policy_.program_version = program_version();
    if (expert_) result_.expert_return = expert_->mean_return;
    progress_.total = config_.steps;
    progress_.activity = "training";
    progress_.episode_return = returns_.latest();
  }

  /// Begins in a new run directory.
  void begin(RunDirectory directory) {
    directory_ = std::move(directory);
    directory_->write("config.toml", to_toml(config_));
    if (!config_.randomisation.empty()) directory_->write("randomise.toml", config_.randomisation);
    manifest();
    keep_observations(environments_.reset());
    save();
  }

  void restore(RunDirectory directory, const std::string& archive, const std::string& place) {
    directory_ = std::move(directory);
    Archive loading(archive, place);
    serialise(loading);
    loading.finish();
    metrics_.restore(*directory_);
  }

  /// A finished run goes on, now that its options ask for more steps.
  void extend() {
    finished_ = false;
    directory_->write("config.toml", to_toml(config_));
    manifest();
  }

  RlResult run() {
    metrics_.open(*directory_, steps_);
    started_ = last_save_ = Clock::now();
    report();
    while (true) {
      if (stopping()) interrupt();
      // Asked before the step, not after it, so that a run stopped while it evaluated evaluates when it goes on.
      const bool done = steps_ >= config_.steps;
      if (steps_ - evaluated_ >= config_.evaluate_every || (done && evaluated_ < steps_)) evaluate_now();
      if (done) break;
      step();
      if (seconds_since(last_save_) > kCheckpointSeconds) save();
    }
    if (!finished_) finish();
    result_.policy = directory_->policy();
    return result_;
  }

  void manifest() const {
    write_rl_manifest(*directory_, {.config = config_,
                                    .expert = expert_ ? &*expert_ : nullptr,
                                    .result = finished_ ? &result_ : nullptr,
                                    .updates = learner_->updates()});
  }

 private:
  bool stopping() const { return hooks_.stop && hooks_.stop(); }

  void keep_observations(const BatchStep& batch) {
    steps_taken_.observations = batch.observations;
    normaliser_.apply(steps_taken_.observations);
  }

  /// One step of every environment, and what the learner does with it.
  void step() {
    learner_->act(steps_taken_.observations, actions_);
    const BatchStep& batch = environments_.step(actions_);
    steps_taken_.actions = actions_;
    steps_taken_.next_observations = batch.final_observations;
    normaliser_.apply(steps_taken_.next_observations);
    steps_taken_.rewards = batch.rewards;
    steps_taken_.terminated = batch.terminated;
    steps_taken_.truncated = batch.truncated;
    progress_.episodes += returns_.add(steps_taken_);
    progress_.episode_return = returns_.latest();
    if (episodes_) {
      episodes_->add(steps_taken_, [this](Steps& episode) { learn_from(episode); });
    } else {
      learn_from(steps_taken_);
    }
    keep_observations(batch);
    steps_ += config_.environments;
    learner_->update(*reward_);
    if (seconds_since(last_report_) > 0.2) report();
  }

  void learn_from(Steps& steps) {
    reward_->score(steps);
    learner_->observe(steps);
  }

  void report() {
    last_report_ = Clock::now();
    progress_.steps = steps_;
    if (hooks_.progress) hooks_.progress(progress_);
  }

  Policy present_policy() const { return run_policy(policy_, normaliser_, learner_->policy()); }

  std::vector<EpisodeOutcome> try_out(const Policy& policy, const char* activity, std::uint64_t first,
                                      int episodes, double done_before, double share) {
    EvaluationOptions options;
    options.episodes = episodes;
    options.seed = episode_seed(SeedUse::kSelection, config_.seed, first);
    options.threads = config_.threads;
    options.randomisation = randomisation_;
    options.progress = [&](int finished, int all) {
      progress_.activity = activity;
      progress_.done = done_before + share * finished / all;
      report();
      return !stopping();
    };
    const auto outcomes = understudy::evaluate(
        config_.environment, [&policy] { return policy_actor(policy); }, options);
    if (static_cast<int>(outcomes.size()) < episodes || stopping()) interrupt();
    progress_.activity = "training";
    return outcomes;
  }

  void evaluate_now() {
    const Policy policy = present_policy();
    progress_.evaluation =
        summarise(try_out(policy, "evaluating", 0, config_.evaluation_episodes, 0, 1), config_.seed);
    const EvaluationSummary& e = *progress_.evaluation;
    const bool closest = config_.keep == "closest";
    Likeness likeness;
    if (expert_) {
      likeness = compare(policy, 0, closest ? config_.evaluation_episodes : 1, kTrackedAtoms);
      progress_.distance = likeness.distance;
    }
    Metrics metrics;  // only now, for what reports means begins them again, and a stopped run evaluates again
    metrics.set("steps", steps_);
    metrics.set("updates", static_cast<double>(learner_->updates()));
    metrics.set("episodes", progress_.episodes);
    returns_.report(metrics);
    metrics.set("eval_return", e.mean_return);
    metrics.set("eval_success", e.success_rate);
    metrics.set("eval_length", e.mean_length);
    if (expert_) metrics.set("eval_distance", likeness.distance);
    if (closest) metrics.set("eval_gap", likeness.gap);
    learner_->report(metrics);
    reward_->report(metrics);
    metrics_.write(*directory_, steps_, metrics);
    if (config_.keep == "best") consider(candidates_, candidate_of(steps_, policy, e));
    if (closest && (candidates_.empty() || likeness.gap < least_gap_)) {
      least_gap_ = likeness.gap;
      candidates_.assign(1, candidate_of(steps_, policy, e));
    }
    evaluated_ = steps_;
    save_policy(config_.keep == "last" ? policy : candidates_.front().in(policy), directory_->policy());
  }

  /// The final evaluation: each candidate on the same new episodes, more of them.
  void finish() {
    const Policy present = present_policy();
    if (config_.keep == "last") candidates_.assign(1, candidate_of(steps_, present, {}));
    std::vector<EpisodeOutcome> best_outcomes;
    const double share = 1.0 / static_cast<double>(candidates_.size());
    double before = 0;
    Policy best;
    for (const RlCandidate& candidate : candidates_) {
      const Policy policy = candidate.in(present);
      auto outcomes =
          try_out(policy, "final evaluation", kFinalEpisodes, config_.final_episodes, before, share);
      before += share;
      const EvaluationSummary tried = summarise(outcomes, config_.seed);
      if (!best_outcomes.empty() && !better(tried, result_.summary)) continue;
      result_.summary = tried;
      best_outcomes = std::move(outcomes);
      result_.steps = candidate.steps;
      best = policy;
    }
    std::vector<double> returns;
    for (const EpisodeOutcome& outcome : best_outcomes) returns.push_back(outcome.episode_return);
    result_.middle = interquartile_mean(returns, config_.seed);
    if (expert_) {
      result_.distance = compare(best, kFinalEpisodes, kDistanceEpisodes, kDistanceAtoms).distance;
    }
    save_policy(best, directory_->policy());
    finished_ = true;
    save();
  }

  struct Likeness {
    double distance = 0;  ///< see RlResult::distance
    /// The same, but that steps which an episode lacks of demonstrations that never terminate count as far away as any two
    /// of the demonstrations' are from each other: a short episode may be like the beginning of a long one.
    double gap = 0;
  };

  /// Means over so many of the selection episodes from `first` on.
  Likeness compare(const Policy& policy, std::uint64_t first, int episodes, Eigen::Index most_atoms) {
    const ExpertDistance distance(expert_->transitions, most_atoms);
    const double diameter = distance.diameter();
    const std::vector<std::uint8_t>& ends = expert_->transitions.terminated;
    const bool goes_on = std::find(ends.begin(), ends.end(), 1) == ends.end();
    const auto environment = make_environment(config_.environment, randomisation_);
    const auto actor = policy_actor(policy);
    Likeness mean;
    for (int i = 0; i < episodes; ++i) {
      if (stopping()) interrupt();
      Episode episode =
          rollout(*environment, *actor,
                  episode_seed(SeedUse::kSelection, config_.seed, first + static_cast<std::uint64_t>(i)));
      normaliser_.apply(episode.observations);
      const double step = distance(episode.observations.topRows(episode.length()), episode.actions);
      const bool lacks = goes_on && episode.terminated;
      const double share = lacks ? std::min(episode.length() / expert_->mean_length, 1.0) : 1;
      mean.distance += step / episodes;
      mean.gap += (share * step + (1 - share) * diameter) / episodes;
    }
    return mean;
  }

  [[noreturn]] void interrupt() {
    save();
    throw Interrupted("stopped after " + std::to_string(steps_) + " of " + std::to_string(config_.steps) +
                      " steps, everything is saved; continue with `understudy resume " +
                      directory_->path().string() + "`");
  }

  void save() {
    result_.seconds += started_ ? seconds_since(*started_) : 0;
    if (started_) started_ = Clock::now();
    Archive archive;
    serialise(archive);
    durable_write(std::filesystem::absolute(directory_->last()),
                  rl_checkpoint_bytes(to_json(config_), archive.bytes()));
    last_save_ = Clock::now();
  }

  void serialise(Archive& archive) {
    std::string sha256 = expert_ ? expert_->sha256 : "";
    const std::string now = sha256;
    archive("dataset", sha256);
    if (sha256 != now) {
      throw Error(config_.expert.data + ": has changed since the run began: want SHA-256 " + sha256 +
                  ", found " + now + "; put the old file back, or train a new run");
    }
    archive("normaliser mean", normaliser_.mean);
    archive("normaliser scale", normaliser_.scale);
    archive("run steps", steps_);
    archive("run episodes", progress_.episodes);
    archive("run seconds", result_.seconds);
    archive("run evaluated", evaluated_);
    metrics_.serialise(archive);
    returns_.serialise(archive);
    archive("run finished", finished_);
    archive("run best steps", result_.steps);
    serialise_result(archive, result_);
    serialise_candidates(archive, candidates_);
    if (config_.keep == "closest") archive("run least gap", least_gap_);
    if (const BatchStep* restored = serialise_environments(archive, environments_)) {
      keep_observations(*restored);
    }
    if (episodes_) episodes_->serialise(archive);
    learner_->serialise(archive);
    reward_->serialise(archive);
  }

  RlRunConfig config_;
  const RlHooks& hooks_;
  std::optional<RunDirectory> directory_;
  RlRunOptions options_;
  Randomisation randomisation_;
  BatchedEnvironment environments_;
  TrainingReturns returns_;
  std::optional<ExpertData> expert_;  ///< observations normalised
  Normaliser normaliser_;             ///< of everything that learner and reward see
  std::unique_ptr<RewardLearner> reward_;
  std::unique_ptr<RlLearner> learner_;
  Policy policy_;  ///< what all policies of the run have in common
  RlProgress progress_;
  int steps_ = 0;
  int evaluated_ = 0;  ///< steps at the latest evaluation
  MetricsLog metrics_;
  Steps steps_taken_;  ///< the present step; its observations are what to act on next
  Matrix actions_;
  std::optional<UnfinishedEpisodes> episodes_;  ///< for rewards of whole episodes
  std::vector<RlCandidate> candidates_;         ///< best first; with keep "closest" that one
  double least_gap_ = 0;                        ///< of an evaluated policy; counts once there is a candidate
  bool finished_ = false;
  RlResult result_;  ///< so far
  std::optional<Clock::time_point> started_;
  Clock::time_point last_save_, last_report_;
};

}  // namespace

RlResult train_rl(const RlRunConfig& config, bool overwrite, const RlHooks& hooks) {
  validate(config);
  if ((config.reward != "task" || rl_kind(config.rl).imitates) && config.expert.data.empty()) {
    throw UsageError("--data: want a file of demonstrations, found nothing");
  }
  RlRunConfig resolved = config;  // so that the run can be resumed from any directory
  const auto absolute = [](std::string& path) {
    if (!path.empty()) path = std::filesystem::absolute(path).lexically_normal().string();
  };
  absolute(resolved.expert.data);
  absolute(resolved.out);
  absolute(resolved.warm_start);
  absolute(resolved.randomise);
  RunDirectory::check_creatable(config.out, overwrite);
  RlRun run(resolved, hooks);  // before the directory, so that what is wrong leaves nothing behind
  const RunDirectory directory = RunDirectory::create(config.out, overwrite);
  return with_resume_remedy(directory, [&] {
    run.begin(directory);
    RlResult result = run.run();
    run.manifest();
    return result;
  });
}

RlResult resume_rl(const std::filesystem::path& path, const RlHooks& hooks, std::optional<int> steps,
                   const std::optional<std::string>& device) {
  RunDirectory directory = RunDirectory::open(path);
  directory.lock();
  const std::string place = directory.last().string();
  const RlCheckpointParts parts = parse_rl_checkpoint(read_file(directory.last()), place);
  RlRunConfig config = rl_run_config_from_json(parts.config, place);
  if (steps) lengthen(config, *steps);
  config.device = device.value_or(config.device);
  RlRun run(config, hooks);
  run.restore(directory, parts.archive, place);
  return with_resume_remedy(directory, [&] {
    if (steps) run.extend();
    RlResult result = run.run();
    run.manifest();
    return result;
  });
}

}  // namespace understudy
