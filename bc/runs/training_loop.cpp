#include "bc/runs/training_loop.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/networks/libtorch.h"
#include "bc/runs/checkpoint.h"
#include "bc/runs/manifest.h"
#include "bc/runs/rank_agreement.h"
#include "bc/runs/rank_evaluation.h"
#include "bc/runs/setting_json.h"
#include "datasets/format/robot_record.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"

namespace understudy {
namespace {

/// Seconds between two reports of progress.
constexpr double kReportSeconds = 0.2;
/// Least seconds between two checkpoints; saving takes no more than a hundredth of the time either.
constexpr double kCheckpointSeconds = 10;

/// Times a trainee's reach within which the closer policy is the better one.
constexpr double kNear = 2;

/// What ranks tell each other with every exchange.
constexpr std::uint64_t kStop = 1, kSave = 2, kEnd = 4, kTerminated = 8;

/// Thrown by rank 0 alone, to end what it alone is doing.
struct Stopped {};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TrainingLoop::TrainingLoop(Trainee& trainee, RunDirectory directory, const RunHooks& hooks)
    : trainee_(trainee),
      config_(trainee.config()),
      directory_(std::move(directory)),
      hooks_(hooks),
      ranks_(*hooks.ranks),
      writes_(ranks_.first()),
      task_(hooks.task(config_.environment)),
      randomisation_(randomisation_of(config_)),
      early_end_(config_),
      candidates_(config_.keep, config_.candidates),
      started_(Clock::now()),
      last_save_(started_),
      last_report_(started_),
      row_start_(started_) {
  if (trainee_.begins_trained()) evaluated_ = -1;
  result_.policy = directory_.policy();
  result_.environment = config_.environment;
  result_.unit = progress_.unit = trainee_.unit();
  result_.material = trainee_.material();
  progress_.total = total_ = trainee_.total();
}

void TrainingLoop::begin() {
  agree();
  write_options();
  if (writes_ && !config_.randomisation.empty()) directory_.write("randomise.toml", config_.randomisation);
  save();
}

void TrainingLoop::restore(Archive& archive) {
  serialise(archive);
  archive.finish();
  for (const Candidate& candidate : candidates_.list())
    check_policy(stamped(candidate.policy), archive.place());
  if (trainee_.total() != total_) {  // a run that is lengthened
    finished_ = false;
    early_end_.lengthen(trainee_.count());
  }
  total_ = trainee_.total();
}

void TrainingLoop::go_on(const SavedOptions& saved) {
  agree();
  if (saved.settings != settings()) write_options();
}

RunResult TrainingLoop::run() {
  if (finished_) {
    // Lest it was stopped between checkpoint and manifest, which else says what the run was made with.
    if (writes_ && !manifest_has_result(directory_)) write_manifest();
    ranks_.leave();
    return result_;
  }
  libtorch_symbol("understudy_libtorch_archive");  // so that a lack of it shows now, not at the first policy
  if (writes_) {
    metrics_.open(directory_, reported_ + 1, hyperparameters());
    timing_.open(directory_);
  }
  started_ = last_save_ = row_start_ = Clock::now();
  show_training();
  while (true) {
    if (is_said(kStop, stopping())) interrupt();
    // Asked before the next unit, not after the last, so that a run stopped while it evaluated evaluates
    // when it goes on.
    const int count = trainee_.count();
    bool done = count >= trainee_.total() || (count > 0 && is_said(kEnd, out_of_time())) || settled();
    const bool due =
        evaluated_ < 0 || count - evaluated_ >= config_.evaluate_every || (done && evaluated_ < count);
    if (due || (trainee_.reports_units() && reported_ < count)) report(due);
    done = done || settled();  // by what has just been evaluated
    if (done) break;
    if (ranks_.several()) {
      ranks_.raise(stop_flags(stopping()) | (save_is_due() ? kSave : 0) |
                   (writes_ && out_of_time() ? kEnd : 0));
    }
    trainee_.advance();
    if (seconds_since(last_report_) > kReportSeconds) show_training();
    if (is_said(kSave, save_is_due())) save();
  }
  choose();
  ranks_.leave();
  return result_;
}

bool TrainingLoop::out_of_time() const {
  return early_end_.out_of_time(result_.seconds + seconds_since(started_));
}

bool TrainingLoop::is_said(std::uint64_t what, bool alone) const {
  return ranks_.several() ? (ranks_.raised() & what) != 0 : alone;
}

bool TrainingLoop::save_is_due() const {
  return writes_ && seconds_since(last_save_) > std::max(kCheckpointSeconds, 100 * save_seconds_);
}

std::string TrainingLoop::numbers_sha256() {
  Archive archive;
  trainee_.serialise(archive);
  return text_sha256(archive.bytes());
}

void TrainingLoop::agree() {
  if (!ranks_.several()) return;
  SettingList list = trainee_.settings();
  std::erase_if(list,
                [](const Setting& s) { return s.use != SettingUse::kPlain && s.use != SettingUse::kTask; });
  const std::string remark =
      agree_on_traits(ranks_, {.options = settings_toml(config_.learner, list) + config_.randomisation +
                                          "\nrobot SHA-256 " + trainee_.spec().robot_sha256,
                               .data = trainee_.dataset_sha256(),
                               .numbers = numbers_sha256()});
  if (writes_ && !remark.empty() && hooks_.remark) hooks_.remark(remark);
}

std::string TrainingLoop::settings() const {
  return settings_toml(config_.learner, trainee_.settings());
}

nlohmann::ordered_json TrainingLoop::hyperparameters() const {
  SettingList list = trainee_.settings();
  std::erase_if(list, [](const Setting& setting) {
    return setting.use == SettingUse::kPlace || setting.name == "steps";
  });
  nlohmann::ordered_json json = {{"learner", config_.learner}};
  json.update(settings_json(list));
  return json;
}

void TrainingLoop::write_options() const {
  if (!writes_) return;
  write_manifest();
  directory_.write("config.toml", settings());
}

void TrainingLoop::write_manifest() const {
  understudy::write_manifest(directory_, config_.learner, trainee_.manifest(finished_ ? &result_ : nullptr));
}

void TrainingLoop::show(const char* activity, double done) {
  last_report_ = Clock::now();
  progress_.count = trainee_.count();
  progress_.note = trainee_.note();
  progress_.activity = activity;
  progress_.done = done;
  if (writes_ && hooks_.progress) hooks_.progress(progress_);
}

void TrainingLoop::show_training() {
  show("training", static_cast<double>(trainee_.count()) / trainee_.total());
}

Policy TrainingLoop::stamped(Policy policy) const {
  policy.environment_id = without_folder(config_.environment);
  policy.robot_sha256 = trainee_.spec().robot_sha256;
  policy.observation = trainee_.spec().observation;
  policy.action = trainee_.spec().action;
  policy.learner = config_.learner;
  policy.config = policy_toml(config_.learner, trainee_.settings());
  policy.dataset_sha256 = trainee_.dataset_sha256();
  policy.program_version = program_version();
  return policy;
}

std::vector<EpisodeOutcome> TrainingLoop::try_out(const Policy& policy, const char* activity,
                                                  std::uint64_t first, int episodes, double done_before,
                                                  double share) {
  EvaluationOptions options;
  options.episodes = episodes;
  options.seed = episode_seed(SeedUse::kSelection, config_.seed, first);
  options.threads = config_.threads;
  options.randomisation = randomisation_;
  options.progress = [&](int finished, int all) {
    show(activity, done_before + share * finished / all);
    ranks_.tick();
    return !stopping();
  };
  auto outcomes = evaluate_together(ranks_, options, [&](const EvaluationOptions& own) {
    auto these = task_.evaluate(policy, own);
    if (ranks_.several()) ranks_.raise(stop_flags(stopping()));
    return these;
  });
  if (static_cast<int>(outcomes.size()) < episodes || is_said(kStop, stopping())) interrupt();
  return outcomes;
}

std::optional<Closeness> TrainingLoop::closeness(const Policy& policy, bool last) {
  std::optional<Closeness> measured;
  bool stopped = false;
  if (writes_) {
    try {
      measured = trainee_.closeness(policy, last, [this] {
        ranks_.tick();
        if (stopping()) throw Stopped();
      });
    } catch (const Stopped&) {
      stopped = true;
    }
  }
  if (ranks_.several()) {
    ranks_.raise(stop_flags(stopped || stopping()));
    broadcast(ranks_, measured);
    stopped = (ranks_.raised() & kStop) != 0;
  }
  if (stopped) interrupt();
  return measured;
}

void TrainingLoop::report(bool due) {
  const int count = trainee_.count();
  const double training_seconds = seconds_since(row_start_);
  std::optional<Trial> trial;
  Policy policy;
  if (due) {
    if (ranks_.several()) want_same_numbers(ranks_, numbers_sha256());
    policy = stamped(trainee_.policy());
    const auto outcomes = try_out(policy, "evaluating", 0, config_.evaluation_episodes, 0, 1);
    trial = {summarise(outcomes, config_.seed), closeness(policy, false)};
    progress_.trial = trial;
  }
  Metrics metrics;  // only now, for what reports means begins them again
  trainee_.report(trial ? &*trial : nullptr, metrics);
  if (writes_) write_line(count, metrics, training_seconds);
  reported_ = count;
  if (trial) {
    evaluated_ = count;
    if (trial->closeness) early_end_.follow(count, trial->closeness->gap);
    if (writes_ && config_.keep_candidates) save_policy(policy, directory_.candidate(count));
    if (candidates_.consider(count, policy, *trial) && writes_) save_policy(policy, directory_.policy());
  }
  row_start_ = Clock::now();
  show_training();
}

void TrainingLoop::write_line(int count, const Metrics& metrics, double training_seconds) {
  metrics_.write(directory_, count, metrics);
  char timing[80];
  std::snprintf(timing, sizeof timing, "%d,%.6f,%.6f", count, training_seconds,
                seconds_since(row_start_) - training_seconds);
  timing_.add(directory_, trainee_.unit() + "s,training_seconds,evaluation_seconds", timing);
}

void TrainingLoop::choose() {
  std::vector<EpisodeOutcome> best_outcomes;
  Policy best;
  std::optional<Closeness> best_closeness;
  std::vector<Candidate> list = candidates_.list();
  if (config_.keep == Keep::kClosest) {
    // Never the task's reward: that of two would decide below.
    std::vector<Closeness> close;
    for (const Candidate& candidate : list) close.push_back(*closeness(candidate.policy, true));
    // Near the demonstrations the distance can be believed; a last policy that sometimes fails is noisy, not equal.
    const bool closer = close.front().gap <= kNear * trainee_.reach()
                            ? close.front().gap < close.back().gap
                            : clearly_closer(close.front(), close.back());
    const std::size_t chosen = close.size() > 1 && !closer ? 1 : 0;
    best_closeness = close[chosen];
    list = {list[chosen]};
  }
  const double share = 1.0 / static_cast<double>(list.size());
  double before = 0;
  for (const Candidate& candidate : list) {
    Policy policy = stamped(candidate.policy);
    auto outcomes =
        try_out(policy, "final evaluation", kFinalEpisodes, config_.final_episodes, before, share);
    before += share;
    const EvaluationSummary tried = summarise(outcomes, config_.seed);
    if (!best_outcomes.empty() && !better(tried, result_.summary)) continue;
    result_.summary = tried;
    result_.count = candidate.count;
    best_outcomes = std::move(outcomes);
    best = std::move(policy);
  }
  std::vector<double> returns;
  for (const EpisodeOutcome& outcome : best_outcomes) returns.push_back(outcome.episode_return);
  result_.middle = interquartile_mean(returns, config_.seed);
  if (!best_closeness) best_closeness = closeness(best, true);
  if (best_closeness) result_.distance = best_closeness->distance;
  if (writes_) save_policy(best, directory_.policy());
  finished_ = true;
  save();
  if (!writes_) return;
  write_manifest();
  metrics_.close();
}

std::uint64_t TrainingLoop::stop_flags(bool stops) const {
  if (!stops) return 0;
  return kStop | (hooks_.terminated && hooks_.terminated() ? kTerminated : 0);
}

void TrainingLoop::interrupt() {
  save();
  // A launcher's exit code is that of any rank: all end as the one that was asked.
  if (is_said(kTerminated, false) && hooks_.terminated_elsewhere) hooks_.terminated_elsewhere();
  ranks_.leave();
  if (!writes_) throw Interrupted("");  // rank 0 says it
  throw Interrupted("stopped after " + std::to_string(trainee_.count()) + " of " +
                    std::to_string(trainee_.total()) + " " + trainee_.unit() +
                    "s, everything is saved; continue with `understudy resume " +
                    shell_quoted(directory_.path().string()) + "`");
}

void TrainingLoop::save() {
  const auto start = Clock::now();
  result_.seconds += std::chrono::duration<double>(start - started_).count();
  started_ = start;
  Archive archive;
  SavedOptions options{.learner = config_.learner,
                       .settings = settings(),
                       .randomisation = config_.randomisation,
                       .robot_sha256 = trainee_.spec().robot_sha256,
                       .place = {}};
  understudy::serialise(archive, options);
  serialise(archive);
  if (writes_)
    durable_write(std::filesystem::absolute(directory_.checkpoint()), checkpoint_bytes(archive.bytes()));
  save_seconds_ = seconds_since(start);
  last_save_ = Clock::now();
}

void TrainingLoop::serialise(Archive& archive) {
  std::string sha256 = trainee_.dataset_sha256();
  const std::string now = sha256;
  archive("dataset", sha256);
  if (sha256 != now) {
    throw Error(config_.demonstrations.data + ": has changed since the run began: want SHA-256 " + sha256 +
                ", found " + now + "; put the old file back, or train a new run");
  }
  trainee_.serialise(archive);
  archive("run evaluated", evaluated_);
  archive.want_range(evaluated_, -1, trainee_.count());
  archive("run reported", reported_);
  archive.want_range(reported_, evaluated_, trainee_.count());
  early_end_.serialise(archive, trainee_.count());
  archive("run total", total_);
  archive("run complete", finished_);
  metrics_.serialise(archive);
  timing_.serialise(archive);
  serialise_result(archive, result_);
  candidates_.serialise(archive, trainee_.count());
  if (evaluated_ > 0 && candidates_.list().empty()) archive.refuse("a candidate", "none");
}

}  // namespace understudy
