#include "irl/rl_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "bc/blas.h"
#include "bc/checkpoint.h"
#include "bc/manifest.h"
#include "bc/run_directory.h"
#include "bc/tensorboard.h"
#include "datasets/durable_file.h"
#include "datasets/error.h"
#include "datasets/version.h"
#include "envs/batch.h"
#include "envs/registry.h"
#include "envs/rollout.h"
#include "envs/seeds.h"
#include "irl/exact_coupling.h"
#include "irl/expert_atoms.h"
#include "irl/ground_cost.h"
#include "irl/learners.h"
#include "irl/rl_checkpoint.h"
#include "irl/task_reward.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

/// First of the selection episodes that only the final evaluation uses.
constexpr std::uint64_t kFinalEpisodes = 20'000;
/// Candidates for it.
constexpr std::size_t kCandidates = 3;
/// Final episodes whose distance to the demonstrations is worked out.
constexpr std::uint64_t kDistanceEpisodes = 5;
/// Most transitions of the demonstrations for that; of more, every so manyth.
constexpr Eigen::Index kDistanceAtoms = 2000;
/// Seconds between two checkpoints, which hold the whole replay.
constexpr double kCheckpointSeconds = 120;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string printed(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// The learners that the options ask for; fills in their resolved settings.
struct Options {
  std::unique_ptr<RlOptions> rl;
  std::unique_ptr<RewardOptions> reward;  ///< null: the task's own

  explicit Options(RlRunConfig& config) : rl(rl_kind(config.rl).options()) {
    if (const RewardKind* kind = reward_kind(config.reward)) reward = kind->options();
    SettingList settings = list();
    for (const auto& option : config.settings) {
      const std::string& name = option.first;  // a binding could not be captured
      const std::string& value = option.second;
      const auto found =
          std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.name == name; });
      if (found == settings.end()) {
        throw UsageError("--" + name + ": not an option of " + config.rl +
                         (config.reward == "task" ? "" : " with " + config.reward));
      }
      set_setting(*found, value);
    }
    config.settings.clear();
    for (const Setting& setting : settings) config.settings.emplace_back(setting.name, setting_text(setting));
  }

  SettingList list() const {
    SettingList settings = rl->settings();
    if (reward != nullptr) {
      for (Setting& setting : reward->settings()) settings.push_back(std::move(setting));
    }
    return settings;
  }

  double gamma() const {
    for (const Setting& setting : rl->settings()) {
      if (setting.name == "gamma") return *std::get<double*>(setting.value);
    }
    return 0.99;
  }
};

/// First (x - m1) s1, then (. - m2) s2: (x - m1 - m2 / s1) s1 s2. An entry that the first drops stays dropped.
Normaliser composed(const Normaliser& first, const Normaliser& second) {
  Normaliser both = first;
  for (int i = 0; i < both.size(); ++i) {
    if (first.scale(i) == 0) continue;
    both.mean(i) += second.mean(i) / first.scale(i);
    both.scale(i) *= second.scale(i);
  }
  return both;
}

/// Episodes of a random actor in the expert's place, as many as there were and cut down alike.
void replace_by_random(const RlRunConfig& config, ExpertData& data, Rng& rng);

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
                       .seed = episode_seed(SeedUse::kTraining, config_.seed, 0)}) {
    set_blas_threads(1);
    const EnvironmentSpec& spec = environments_.spec();
    normaliser_ = identity_normaliser(spec.observation.size());
    std::shared_ptr<const Policy> start;
    if (!config_.warm_start.empty()) {
      start = warm_start(spec);
      // Its network has seen observations in its own normalisation; what the learner is fed must be the same.
      normaliser_ = start->normaliser;
    }
    if (!config_.expert.data.empty()) {
      Rng rng = Rng::stream(config_.seed, 21);
      expert_ = load_expert_data(config_.expert, spec, rng);
      if (config_.random_control) replace_by_random(config_, *expert_, rng);
      if (start == nullptr) normaliser_ = expert_->normaliser;
      for (Matrix* rows : {&expert_->transitions.observations, &expert_->transitions.next_observations,
                           &expert_->transitions.starts}) {
        normaliser_.apply(*rows);
      }
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
    if (options_.reward == nullptr) {
      reward_ = std::make_unique<TaskReward>();
    } else {
      reward_ = options_.reward->make({.expert = transitions,
                                       .environments = config_.environments,
                                       .horizon = spec.horizon,
                                       .gamma = options_.gamma(),
                                       .seed = config_.seed});
    }
    options_.rl->check(*reward_);
    for (const Setting& setting : options_.rl->settings()) {
      if (setting.name != "start" && setting.name != "rollout") continue;
      if (const int first = *std::get<int*>(setting.value); first >= config_.steps) {
        throw UsageError("--steps: want more than --" + setting.name + " (" + std::to_string(first) +
                         "), before which nothing is learnt, found " + std::to_string(config_.steps));
      }
    }
    learner_ = options_.rl->make(problem, transitions);
    returns_.assign(static_cast<std::size_t>(config_.environments), 0.0);
    lengths_.assign(static_cast<std::size_t>(config_.environments), 0);
    steps_taken_.resize(config_.environments, problem.obs_dim, problem.act_dim);
    for (int i = 0; i < config_.environments; ++i) steps_taken_.streams[static_cast<std::size_t>(i)] = i;
    if (reward_->scores_episodes()) episodes_.resize(static_cast<std::size_t>(config_.environments));
    actions_.resize(config_.environments, problem.act_dim);
    policy_.environment_id = config_.environment;
    policy_.observation = spec.observation;
    policy_.action = spec.action;
    policy_.learner = config_.learner;
    policy_.config = to_policy_toml(config_);
    policy_.dataset_sha256 = expert_ ? expert_->sha256 : "";
    policy_.program_version = program_version();
    progress_.total = config_.steps;
    progress_.activity = "training";
    progress_.episode_return = std::numeric_limits<double>::quiet_NaN();
  }

  const RlRunConfig& config() const { return config_; }

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
    directory_->write("metrics.csv", metrics_);
  }

  RlResult run() {
    events_.emplace(directory_->path(), steps_);
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
    return result();
  }

  void manifest() const {
    ordered_json more = {
        {"seed", config_.seed}, {"environment", config_.environment}, {"threads", config_.threads}};
    if (expert_) {
      more["dataset"] = {{"path", config_.expert.data},
                         {"sha256", expert_->sha256},
                         {"episodes", expert_->episodes},
                         {"transitions", expert_->transitions.size()},
                         {"mean_return", expert_->mean_return}};
    }
    more["config"] = ordered_json::parse(to_json(config_));
    if (finished_) {
      const EvaluationSummary& s = summary_;
      more["result"] = {{"steps", best_steps_},
                        {"updates", learner_->updates()},
                        {"seconds", seconds_},
                        {"episodes", s.episodes},
                        {"success_rate", s.success_rate},
                        {"success_interval", {s.success.low, s.success.high}},
                        {"mean_return", s.mean_return},
                        {"return_interval", {s.episode_return.low, s.episode_return.high}},
                        {"mean_length", s.mean_length},
                        {"middle_return", middle_.value},
                        {"middle_interval", {middle_.interval.low, middle_.interval.high}}};
      if (expert_) more["result"]["distance"] = distance_;
    }
    write_manifest(*directory_, config_.learner, more.dump());
  }

 private:
  bool stopping() const { return hooks_.stop && hooks_.stop(); }

  std::shared_ptr<const Policy> warm_start(const EnvironmentSpec& spec) const {
    auto policy = std::make_shared<Policy>(load_policy(config_.warm_start));
    try {
      check_policy_fits(*policy, spec);
    } catch (const Error& error) {
      throw Error(config_.warm_start + ": " + error.what());
    }
    return policy;
  }

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
    count_episodes(batch);
    if (reward_->scores_episodes()) {
      keep_episodes();
    } else {
      reward_->score(steps_taken_);
      learner_->observe(steps_taken_);
    }
    keep_observations(batch);
    steps_ += config_.environments;
    learner_->update(*reward_);
    if (seconds_since(last_report_) > 0.2) report();
  }

  void report() {
    last_report_ = Clock::now();
    progress_.steps = steps_;
    if (hooks_.progress) hooks_.progress(progress_);
  }

  void count_episodes(const BatchStep& batch) {
    for (std::size_t i = 0; i < returns_.size(); ++i) {
      returns_[i] += static_cast<double>(batch.rewards(static_cast<Eigen::Index>(i)));
      ++lengths_[i];
      if (batch.terminated[i] == 0 && batch.truncated[i] == 0) continue;
      ++progress_.episodes;
      progress_.episode_return = returns_[i];
      finished_returns_.push_back(returns_[i]);
      finished_lengths_.push_back(lengths_[i]);
      returns_[i] = 0;
      lengths_[i] = 0;
    }
  }

  /// Adds the step to the episodes at hand; those that have ended are scored and learnt from.
  void keep_episodes() {
    for (int row = 0; row < steps_taken_.size(); ++row) {
      const auto i = static_cast<std::size_t>(row);
      std::vector<Steps>& episode = episodes_[i];
      Steps one;
      one.resize(1, static_cast<int>(steps_taken_.observations.cols()), static_cast<int>(actions_.cols()));
      one.observations.row(0) = steps_taken_.observations.row(row);
      one.actions.row(0) = steps_taken_.actions.row(row);
      one.next_observations.row(0) = steps_taken_.next_observations.row(row);
      one.rewards(0) = steps_taken_.rewards(row);
      one.terminated[0] = steps_taken_.terminated[i];
      one.truncated[0] = steps_taken_.truncated[i];
      one.streams[0] = row;
      episode.push_back(std::move(one));
      if (steps_taken_.terminated[i] == 0 && steps_taken_.truncated[i] == 0) continue;
      Steps whole = joined(episode);
      episode.clear();
      reward_->score(whole);
      learner_->observe(whole);
    }
  }

  static Steps joined(const std::vector<Steps>& parts) {
    Steps whole;
    whole.resize(static_cast<int>(parts.size()), static_cast<int>(parts.front().observations.cols()),
                 static_cast<int>(parts.front().actions.cols()));
    for (std::size_t t = 0; t < parts.size(); ++t) {
      const auto row = static_cast<Eigen::Index>(t);
      whole.observations.row(row) = parts[t].observations;
      whole.actions.row(row) = parts[t].actions;
      whole.next_observations.row(row) = parts[t].next_observations;
      whole.rewards(row) = parts[t].rewards(0);
      whole.terminated[t] = parts[t].terminated[0];
      whole.truncated[t] = parts[t].truncated[0];
      whole.streams[t] = parts[t].streams[0];
    }
    return whole;
  }

  Policy present_policy() const {
    Policy policy = policy_;
    const Policy learnt = learner_->policy();
    policy.network = learnt.network;
    policy.parameters = learnt.parameters;
    policy.likelihood = learnt.likelihood;
    policy.squash = learnt.squash;
    policy.normaliser = composed(normaliser_, learnt.normaliser);
    return policy;
  }

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

  static double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }

  void evaluate_now() {
    const Policy policy = present_policy();
    progress_.evaluation =
        summarise(try_out(policy, "evaluating", 0, config_.evaluation_episodes, 0, 1), config_.seed);
    const EvaluationSummary& e = *progress_.evaluation;
    Metrics metrics;
    metrics.set("steps", steps_);
    metrics.set("updates", static_cast<double>(learner_->updates()));
    metrics.set("episodes", progress_.episodes);
    metrics.set("train_return", mean_of(finished_returns_));
    metrics.set("train_length", mean_of(finished_lengths_));
    metrics.set("eval_return", e.mean_return);
    metrics.set("eval_success", e.success_rate);
    metrics.set("eval_length", e.mean_length);
    learner_->report(metrics);
    reward_->report(metrics);
    finished_returns_.clear();
    finished_lengths_.clear();
    write_metrics(metrics);
    consider(policy, e);
    evaluated_ = steps_;
    save_policy(policies_to_keep(policy), directory_->policy());
  }

  void write_metrics(const Metrics& metrics) {
    std::string header;
    std::string line;
    for (const auto& [name, value] : metrics.values()) {
      header += (header.empty() ? "" : ",") + name;
      line += (line.empty() ? "" : ",") + (std::isfinite(value) ? printed("%.9g", value) : "");
      if (std::isfinite(value) && name != "steps") {
        const bool evaluation = name.rfind("eval_", 0) == 0;
        events_->scalar((evaluation ? "rollout/" : "train/") + name, steps_, static_cast<float>(value));
      }
    }
    if (metrics_.empty()) metrics_ = header + "\n";
    metrics_ += line + "\n";
    directory_->write("metrics.csv", metrics_);
  }

  /// Puts the policy among the candidates if it is good enough.
  void consider(const Policy& policy, const EvaluationSummary& e) {
    if (config_.keep == "last") return;
    const auto place = std::find_if(candidates_.begin(), candidates_.end(), [&](const RlCandidate& other) {
      return e.success_rate != other.success_rate ? e.success_rate > other.success_rate
                                                  : e.mean_return > other.mean_return;
    });
    candidates_.insert(place, candidate_of(policy, e.mean_return, e.success_rate));
    if (candidates_.size() > kCandidates) candidates_.pop_back();
  }

  RlCandidate candidate_of(const Policy& policy, double mean_return, double success_rate) const {
    return {steps_,
            mean_return,
            success_rate,
            policy.parameters,
            policy.normaliser.mean,
            policy.normaliser.scale};
  }

  Policy candidate_policy(const RlCandidate& candidate) const {
    Policy policy = present_policy();
    policy.parameters = candidate.parameters;
    policy.normaliser = {candidate.mean, candidate.scale};
    return policy;
  }

  /// What policy.pt holds while training goes on.
  Policy policies_to_keep(const Policy& present) const {
    return config_.keep == "last" ? present : candidate_policy(candidates_.front());
  }

  /// The final evaluation: each candidate on the same new episodes, more of them.
  void finish() {
    if (config_.keep == "last") candidates_.assign(1, candidate_of(present_policy(), 0, 0));
    std::vector<EpisodeOutcome> best_outcomes;
    const double share = 1.0 / static_cast<double>(candidates_.size());
    double before = 0;
    Policy best;
    for (const RlCandidate& candidate : candidates_) {
      const Policy policy = candidate_policy(candidate);
      auto outcomes =
          try_out(policy, "final evaluation", kFinalEpisodes, config_.final_episodes, before, share);
      before += share;
      const EvaluationSummary tried = summarise(outcomes, config_.seed);
      if (!best_outcomes.empty() && !better(tried, summary_)) continue;
      summary_ = tried;
      best_outcomes = std::move(outcomes);
      best_steps_ = candidate.steps;
      best = policy;
    }
    std::vector<double> returns;
    for (const EpisodeOutcome& outcome : best_outcomes) returns.push_back(outcome.episode_return);
    middle_ = interquartile_mean(returns, config_.seed);
    if (expert_) distance_ = distance_to_expert(best);
    save_policy(best, directory_->policy());
    finished_ = true;
    save();
  }

  /// See RlResult::distance.
  double distance_to_expert(const Policy& policy) {
    const ExpertTransitions& expert = expert_->transitions;
    Matrix atoms = pair_atoms(expert.observations, expert.actions, false).values;
    if (atoms.rows() > kDistanceAtoms) {  // time grows with more than the square of their number
      const Eigen::Index stride = (atoms.rows() + kDistanceAtoms - 1) / kDistanceAtoms;
      atoms = Matrix(atoms(Eigen::seqN(0, (atoms.rows() + stride - 1) / stride, stride), Eigen::all));
    }
    const Normaliser standardiser = atom_standardiser(atoms);
    standardiser.apply(atoms);
    const auto environment = make_environment(config_.environment, randomisation_);
    const auto actor = policy_actor(policy);
    double sum = 0;
    for (std::uint64_t i = 0; i < kDistanceEpisodes; ++i) {
      if (stopping()) interrupt();
      Episode episode =
          rollout(*environment, *actor, episode_seed(SeedUse::kSelection, config_.seed, kFinalEpisodes + i));
      normaliser_.apply(episode.observations);
      Matrix steps =
          pair_atoms(episode.observations.topRows(episode.length()), episode.actions, false).values;
      standardiser.apply(steps);
      sum += exact_coupling(ground_cost(GroundCost::kEuclidean, steps, atoms), uniform_weights(steps.rows()),
                            uniform_weights(atoms.rows()))
                 .cost;
    }
    return sum / static_cast<double>(kDistanceEpisodes);
  }

  RlResult result() const {
    RlResult result{directory_->policy(), best_steps_, summary_, middle_, {}, {}, seconds_};
    if (expert_) {
      result.expert_return = expert_->mean_return;
      result.distance = distance_;
    }
    return result;
  }

  [[noreturn]] void interrupt() {
    save();
    throw Interrupted("stopped after " + std::to_string(steps_) + " of " + std::to_string(config_.steps) +
                      " steps, everything is saved; continue with `understudy resume " +
                      directory_->path().string() + "`");
  }

  void save() {
    seconds_ += started_ ? seconds_since(*started_) : 0;
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
    archive("run seconds", seconds_);
    archive("run evaluated", evaluated_);
    archive("run metrics", metrics_);
    archive("run returns", returns_);
    archive("run lengths", lengths_);
    archive("run finished returns", finished_returns_);
    archive("run finished lengths", finished_lengths_);
    archive("run finished", finished_);
    archive("run best steps", best_steps_);
    serialise_summary(archive);
    serialise_candidates(archive);
    serialise_environments(archive);
    serialise_episodes(archive);
    learner_->serialise(archive);
    reward_->serialise(archive);
  }

  void serialise_summary(Archive& archive) {
    EvaluationSummary& s = summary_;
    archive("summary episodes", s.episodes);
    for (double* value : {&s.success_rate, &s.success.low, &s.success.high, &s.mean_return,
                          &s.episode_return.low, &s.episode_return.high, &s.mean_length, &middle_.value,
                          &middle_.interval.low, &middle_.interval.high, &distance_}) {
      archive("summary", *value);
    }
  }

  void serialise_candidates(Archive& archive) {
    int count = static_cast<int>(candidates_.size());
    archive("candidates", count);
    candidates_.resize(static_cast<std::size_t>(count));
    for (RlCandidate& candidate : candidates_) candidate.serialise(archive);
  }

  /// Each environment is its episode's seed and actions so far; loading repeats them.
  void serialise_environments(Archive& archive) {
    BatchedEnvironment::State state;
    if (!archive.loading()) state = environments_.save_state();
    state.snapshots.resize(static_cast<std::size_t>(config_.environments));
    state.episodes.resize(state.snapshots.size());
    for (std::size_t i = 0; i < state.snapshots.size(); ++i) {
      Snapshot& snapshot = state.snapshots[i];
      archive("environment episodes", state.episodes[i]);
      archive("environment seed", snapshot.seed);
      archive("environment actions", snapshot.actions);
      std::string variation = to_json(snapshot.variation);
      archive("environment variation", variation);
      if (archive.loading()) snapshot.variation = variation_from_json(variation, "checkpoint");
    }
    if (archive.loading()) keep_observations(environments_.restore_state(state));
  }

  void serialise_episodes(Archive& archive) {
    for (std::vector<Steps>& episode : episodes_) {
      int count = static_cast<int>(episode.size());
      archive("episode steps", count);
      if (count == 0) continue;
      Steps whole;
      if (!archive.loading()) whole = joined(episode);
      archive("episode observations", whole.observations);
      archive("episode actions", whole.actions);
      archive("episode next observations", whole.next_observations);
      whole.rewards.resize(count);
      archive("episode rewards", whole.rewards);
      if (!archive.loading()) continue;
      const auto stream = static_cast<int>(&episode - episodes_.data());
      episode.resize(static_cast<std::size_t>(count));
      for (int t = 0; t < count; ++t) {
        Steps& one = episode[static_cast<std::size_t>(t)];
        one.resize(1, static_cast<int>(whole.observations.cols()), static_cast<int>(whole.actions.cols()));
        one.observations = whole.observations.row(t);
        one.actions = whole.actions.row(t);
        one.next_observations = whole.next_observations.row(t);
        one.rewards(0) = whole.rewards(t);
        one.terminated[0] = one.truncated[0] = 0;
        one.streams[0] = stream;
      }
    }
  }

  RlRunConfig config_;
  const RlHooks& hooks_;
  std::optional<RunDirectory> directory_;
  Options options_;
  Randomisation randomisation_;
  BatchedEnvironment environments_;
  std::optional<ExpertData> expert_;  ///< observations normalised
  Normaliser normaliser_;             ///< of everything that learner and reward see
  std::unique_ptr<RewardLearner> reward_;
  std::unique_ptr<RlLearner> learner_;
  std::optional<EventWriter> events_;
  Policy policy_;  ///< what all policies of the run have in common
  RlProgress progress_;
  int steps_ = 0;
  int evaluated_ = 0;  ///< steps at the latest evaluation
  std::string metrics_;
  Steps steps_taken_;  ///< the present step; its observations are what to act on next
  Matrix actions_;
  std::vector<double> returns_;
  std::vector<int> lengths_;
  std::vector<double> finished_returns_, finished_lengths_;  ///< since the last evaluation
  std::vector<std::vector<Steps>> episodes_;                 ///< per stream, for rewards of whole episodes
  std::vector<RlCandidate> candidates_;                      ///< best first
  bool finished_ = false;
  int best_steps_ = 0;
  EvaluationSummary summary_;
  InterquartileMean middle_;
  double distance_ = 0;
  double seconds_ = 0;
  std::optional<Clock::time_point> started_;
  Clock::time_point last_save_, last_report_;
};

void replace_by_random(const RlRunConfig& config, ExpertData& data, Rng& rng) {
  const auto environment = make_environment(config.environment);
  const auto actor = make_random_actor(environment->spec().action.size());
  std::vector<Episode> episodes;
  for (int i = 0; i < data.episodes; ++i) {
    episodes.push_back(
        rollout(*environment, *actor,
                episode_seed(SeedUse::kDemonstration, config.seed, 90'000 + static_cast<std::uint64_t>(i))));
  }
  const ExpertData demonstrations = std::move(data);
  data = expert_data_of(episodes, config.expert.subsample, rng);
  data.sha256 = demonstrations.sha256;  // what the result is compared with is still the demonstrations
  data.mean_return = demonstrations.mean_return;
  data.mean_length = demonstrations.mean_length;
}

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
  run.begin(RunDirectory::create(config.out, overwrite));
  RlResult result = run.run();
  run.manifest();
  return result;
}

bool is_rl_run(const std::filesystem::path& path) {
  const RunDirectory directory = RunDirectory::open(path);
  const std::string manifest = (path / "manifest.json").string();
  try {
    return ordered_json::parse(read_file(manifest)).at("learner").get<std::string>() != "bc";
  } catch (const ordered_json::exception& error) {
    throw Error(manifest + ": cannot be read: " + error.what() +
                "; train again, or restore the run from a copy");
  }
}

RlResult resume_rl(const std::filesystem::path& path, const RlHooks& hooks) {
  RunDirectory directory = RunDirectory::open(path);
  const std::string place = directory.last().string();
  const RlCheckpointParts parts = parse_rl_checkpoint(read_file(directory.last()), place);
  RlRun run(rl_run_config_from_json(parts.config, place), hooks);
  run.restore(directory, parts.archive, place);
  RlResult result = run.run();
  run.manifest();
  return result;
}

}  // namespace understudy
