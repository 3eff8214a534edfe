#include "bc/runs/training_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/networks/divergence_error.h"
#include "bc/networks/libtorch.h"
#include "bc/runs/checkpoint.h"
#include "bc/runs/manifest.h"
#include "bc/runs/metrics_log.h"
#include "bc/runs/rank_agreement.h"
#include "bc/runs/rank_evaluation.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/setting_json.h"
#include "datasets/format/robot_record.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

/// Seconds between two reports of progress.
constexpr double kReportSeconds = 0.2;
/// Least seconds between two checkpoints; saving takes no more than a hundredth of the time either.
constexpr double kCheckpointSeconds = 10;

/// What ranks tell each other with every exchange.
constexpr std::uint64_t kStop = 1, kSave = 2, kEnd = 4;

/// Thrown by rank 0 alone, to end what it alone is doing.
struct Stopped {};

/// Of the minutes that a run may take.
constexpr double kTrainingShare = 0.9;
/// What a gap falls by at least if it falls.
constexpr double kLeastFall = 0.01;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void serialise_options(Archive& archive, SavedOptions& options) {
  archive("learner", options.learner);
  archive("settings", options.settings);
  archive("randomisation", options.randomisation);
  archive("robot", options.robot_sha256);
}

/// One run, from wherever it stands to the end. Several ranks each train all of it, and share what is done by shards
/// and the evaluations; rank 0 writes.
class TrainingRun {
 public:
  TrainingRun(Trainee& trainee, RunDirectory directory, const RunHooks& hooks)
      : trainee_(trainee),
        config_(trainee.config()),
        directory_(std::move(directory)),
        hooks_(hooks),
        ranks_(*hooks.ranks),
        writes_(ranks_.first()),
        task_(hooks.task(config_.environment)),
        randomisation_(randomisation_of(config_)),
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

  /// Begins in a new run directory.
  void begin() {
    agree();
    write_options();
    if (writes_ && !config_.randomisation.empty()) directory_.write("randomise.toml", config_.randomisation);
    save();
  }

  /// Goes on from what follows the options in a checkpoint.
  void restore(Archive& archive) {
    serialise(archive);
    archive.finish();
    for (const Candidate& candidate : candidates_.list())
      check_policy(stamped(candidate.policy), archive.place());
    if (trainee_.total() != total_) {  // a run that is lengthened
      finished_ = false;
      closest_count_ = trainee_.count();
    }
    total_ = trainee_.total();
  }

  /// Once all ranks have restored it.
  void go_on(const SavedOptions& saved) {
    agree();
    if (saved.settings != settings()) write_options();
  }

  RunResult run() {
    if (finished_) {
      // Lest it was stopped between checkpoint and manifest, which else says what the run was made with.
      if (writes_ && !manifest_has_result(directory_)) write_manifest();
      ranks_.leave();
      return result_;
    }
    libtorch_symbol(
        "understudy_libtorch_archive");  // so that a lack of it shows now, not at the first policy
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
        ranks_.raise((stopping() ? kStop : 0) | (save_is_due() ? kSave : 0) |
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

 private:
  bool out_of_time() const {
    return config_.minutes > 0 &&
           result_.seconds + seconds_since(started_) > 60 * kTrainingShare * config_.minutes;
  }

  /// Whether going on is in vain, or needless, by the evaluations so far.
  bool settled() const {
    if (evaluated_ < 0 || closest_gap_ < 0) return false;
    if (config_.ends_when_close && closest_gap_ <= trainee_.reach()) return true;
    return config_.patience > 0 &&
           evaluated_ - closest_count_ >= std::max(config_.patience * config_.evaluate_every, evaluated_ / 2);
  }

  /// Takes in an evaluation's gap.
  void follow(int count, double gap) {
    if (closest_gap_ >= 0 && gap > (1 - kLeastFall) * closest_gap_) return;
    closest_gap_ = gap;
    closest_count_ = count;
  }

  /// What ranks agree on by their latest exchange, or one alone sees for itself.
  bool is_said(std::uint64_t what, bool alone) const {
    return ranks_.several() ? (ranks_.raised() & what) != 0 : alone;
  }

  bool stopping() const { return hooks_.stop && hooks_.stop(); }
  bool save_is_due() const {
    return writes_ && seconds_since(last_save_) > std::max(kCheckpointSeconds, 100 * save_seconds_);
  }

  /// Of all that training depends on; all ranks call it.
  std::string numbers_sha256() {
    Archive archive;
    trainee_.serialise(archive);
    return text_sha256(archive.bytes());
  }

  /// All ranks have the same before them.
  void agree() {
    if (!ranks_.several()) return;
    SettingList list = trainee_.settings();
    std::erase_if(list,
                  [](const Setting& s) { return s.use != SettingUse::kPlain && s.use != SettingUse::kTask; });
    const std::string remark =
        agree_on_traits(ranks_, {.options = settings_toml(config_.learner, list) + config_.randomisation,
                                 .data = trainee_.dataset_sha256(),
                                 .numbers = numbers_sha256()});
    if (writes_ && !remark.empty() && hooks_.remark) hooks_.remark(remark);
  }

  std::string settings() const { return settings_toml(config_.learner, trainee_.settings()); }

  /// What the run's result depends on, but for --steps: resuming may change that, and TensorBoard keeps what it
  /// heard first.
  nlohmann::ordered_json hyperparameters() const {
    SettingList list = trainee_.settings();
    std::erase_if(list, [](const Setting& setting) {
      return setting.use == SettingUse::kPlace || setting.name == "steps";
    });
    nlohmann::ordered_json json = {{"learner", config_.learner}};
    json.update(settings_json(list));
    return json;
  }

  void write_options() const {
    if (!writes_) return;
    write_manifest();
    directory_.write("config.toml", settings());
  }

  void write_manifest() const {
    understudy::write_manifest(directory_, config_.learner,
                               trainee_.manifest(finished_ ? &result_ : nullptr));
  }

  void show(const char* activity, double done) {
    last_report_ = Clock::now();
    progress_.count = trainee_.count();
    progress_.note = trainee_.note();
    progress_.activity = activity;
    progress_.done = done;
    if (writes_ && hooks_.progress) hooks_.progress(progress_);
  }

  void show_training() { show("training", static_cast<double>(trainee_.count()) / trainee_.total()); }

  /// The policy with its task and provenance.
  Policy stamped(Policy policy) const {
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

  std::vector<EpisodeOutcome> try_out(const Policy& policy, const char* activity, std::uint64_t first,
                                      int episodes, double done_before, double share) {
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
      if (ranks_.several()) ranks_.raise(stopping() ? kStop : 0);
      return these;
    });
    if (static_cast<int>(outcomes.size()) < episodes || is_said(kStop, stopping())) interrupt();
    return outcomes;
  }

  /// Rank 0 measures it.
  std::optional<Closeness> closeness(const Policy& policy, bool last) {
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
      ranks_.raise(stopped || stopping() ? kStop : 0);
      Archive archive;
      bool any = measured.has_value();
      Closeness values = measured.value_or(Closeness{});
      const auto serialise_values = [&](Archive& each) {
        each("any", any);
        each("distance", values.distance);
        each("gap", values.gap);
        each("error", values.error);
        each("likeness", values.likeness);
      };
      serialise_values(archive);
      std::string bytes = archive.bytes();
      ranks_.broadcast(bytes);
      Archive told(std::move(bytes), "closeness of rank 0");
      serialise_values(told);
      measured = any ? std::optional(values) : std::nullopt;
      stopped = (ranks_.raised() & kStop) != 0;
    }
    if (stopped) interrupt();
    return measured;
  }

  /// A line of metrics, with an evaluation if one is due. Interrupted in that, it leaves everything as it
  /// was.
  void report(bool due) {
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
      if (trial->closeness) follow(count, trial->closeness->gap);
      if (writes_ && config_.keep_candidates) save_policy(policy, directory_.candidate(count));
      if (candidates_.consider(count, policy, *trial) && writes_) save_policy(policy, directory_.policy());
    }
    row_start_ = Clock::now();
    show_training();
  }

  void write_line(int count, const Metrics& metrics, double training_seconds) {
    metrics_.write(directory_, count, metrics);
    char timing[80];
    std::snprintf(timing, sizeof timing, "%d,%.6f,%.6f", count, training_seconds,
                  seconds_since(row_start_) - training_seconds);
    timing_.add(directory_, trainee_.unit() + "s,training_seconds,evaluation_seconds", timing);
  }

  /// The final evaluation: each candidate on the same new episodes, more of them.
  void choose() {
    std::vector<EpisodeOutcome> best_outcomes;
    Policy best;
    std::optional<Closeness> best_closeness;
    std::vector<Candidate> list = candidates_.list();
    if (config_.keep == Keep::kClosest) {
      // Never the task's reward: that of two would decide below.
      std::vector<Closeness> close;
      for (const Candidate& candidate : list) close.push_back(*closeness(candidate.policy, true));
      const std::size_t chosen = close.size() > 1 && !clearly_closer(close[0], close[1]) ? 1 : 0;
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

  [[noreturn]] void interrupt() {
    save();
    ranks_.leave();
    if (!writes_) throw Interrupted("");  // rank 0 says it
    throw Interrupted("stopped after " + std::to_string(trainee_.count()) + " of " +
                      std::to_string(trainee_.total()) + " " + trainee_.unit() +
                      "s, everything is saved; continue with `understudy resume " +
                      shell_quoted(directory_.path().string()) + "`");
  }

  void save() {
    const auto start = Clock::now();
    result_.seconds += std::chrono::duration<double>(start - started_).count();
    started_ = start;
    Archive archive;
    SavedOptions options{.learner = config_.learner,
                         .settings = settings(),
                         .randomisation = config_.randomisation,
                         .robot_sha256 = trainee_.spec().robot_sha256,
                         .place = {}};
    serialise_options(archive, options);
    serialise(archive);
    if (writes_)
      durable_write(std::filesystem::absolute(directory_.checkpoint()), checkpoint_bytes(archive.bytes()));
    save_seconds_ = seconds_since(start);
    last_save_ = Clock::now();
  }

  void serialise(Archive& archive) {
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
    archive("run closest gap", closest_gap_);
    archive("run closest count", closest_count_);
    archive.want_range(closest_count_, 0, trainee_.count());
    archive("run total", total_);
    archive("run complete", finished_);
    metrics_.serialise(archive);
    timing_.serialise(archive);
    serialise_result(archive, result_);
    candidates_.serialise(archive, trainee_.count());
    if (evaluated_ > 0 && candidates_.list().empty()) archive.refuse("a candidate", "none");
  }

  Trainee& trainee_;
  const RunConfig& config_;
  RunDirectory directory_;
  const RunHooks& hooks_;
  Ranks& ranks_;
  bool writes_;
  TrainingTask task_;
  Randomisation randomisation_;
  int evaluated_ = 0;        ///< units at the latest evaluation; -1: before the first unit there is to be one
  int reported_ = 0;         ///< units at the latest line of metrics
  double closest_gap_ = -1;  ///< of the evaluations that fell below those before; -1: none yet
  int closest_count_ = 0;    ///< units at that
  int total_ = 0;            ///< units wanted when it was saved
  bool finished_ = false;
  MetricsLog metrics_;
  CsvFile timing_{"timing.csv"};
  Candidates candidates_;
  RunResult result_;  ///< so far
  RunProgress progress_;
  Clock::time_point started_, last_save_, last_report_, row_start_;
  double save_seconds_ = 0;
};

/// Throws UsageError unless every rank has something to do.
void check_ranks(Trainee& trainee, const Ranks& ranks) {
  if (!ranks.several()) return;
  const SettingList list = trainee.settings();
  if (std::none_of(list.begin(), list.end(), [](const Setting& s) { return s.name == "shards"; })) {
    throw UsageError("train " + trainee.config().learner + ": want one process, found " +
                     std::to_string(ranks.size()) +
                     ": it does not train in step; for many seeds see: understudy plan train --seeds");
  }
  want_shards(ranks, trainee.config().shards);
}

/// Divergence is the same on all ranks, which end together; rank 0 says it.
RunResult run_together(const RunDirectory& directory, Ranks& ranks, TrainingRun& run) {
  try {
    return with_resume_remedy(directory, [&] { return run.run(); });
  } catch (const DivergenceError& error) {
    ranks.leave();
    if (ranks.first()) throw;
    throw Error("");
  }
}

}  // namespace

TrainingTask registered_task(const std::string& id) {
  return {make_environment(id)->spec(), [id](const Policy& policy, const EvaluationOptions& options) {
            return understudy::evaluate(
                id, [&policy] { return policy_actor(policy); }, options);
          }};
}

RunResult train_run(const RunConfig& config, bool overwrite, const RunHooks& hooks,
                    const std::function<std::unique_ptr<Trainee>()>& make) {
  Ranks& ranks = *hooks.ranks;
  std::unique_ptr<Trainee> trainee;
  std::optional<RunDirectory> directory;
  together(ranks, [&] {
    if (ranks.first()) RunDirectory::check_creatable(config.out, overwrite);
    trainee = make();
    check_ranks(*trainee, ranks);
    check_fits(randomisation_of(config), trainee->spec());
    directory =
        ranks.first() ? RunDirectory::create(config.out, overwrite) : RunDirectory::of_others(config.out);
  });
  TrainingRun run(*trainee, *directory, hooks);
  try {
    run.begin();
  } catch (...) {
    if (ranks.first()) directory->discard();
    throw;
  }
  return run_together(*directory, ranks, run);
}

void take_over(const ResumeOptions& options, const SavedOptions& saved, RunConfig& config) {
  if (options.device) config.device = *options.device;
  if (options.data) config.demonstrations.data = std::filesystem::absolute(*options.data).string();
  if (options.environment) {
    if (!same_task(config.environment, saved.robot_sha256, *options.environment, saved.robot_sha256)) {
      throw UsageError("--env: want the run's task " + config.environment + ", found " +
                       *options.environment);
    }
    config.environment = with_absolute_file(*options.environment);
  }
  if (saved.robot_sha256.empty()) return;
  if (const auto robot = robot_file(config.environment); robot && !std::filesystem::exists(*robot)) {
    throw Error(robot->string() + ": want the robot that the run began with, SHA-256 " + saved.robot_sha256 +
                ", found no file; put it back there, or say where it is with --env");
  }
}

void restore_config(const SavedOptions& saved, const ResumeOptions& options, const SettingList& settings,
                    RunConfig& config) {
  for (const auto& [name, value] : read_settings(settings, saved.settings, saved.place))
    throw Error(saved.place + ": --" + name + " is no option of " + config.learner + "; train again");
  config.randomisation = saved.randomisation;
  take_over(options, saved, config);
}

RunResult resume_run(const std::filesystem::path& path, const RunHooks& hooks,
                     const std::function<std::unique_ptr<Trainee>(const SavedOptions&)>& make) {
  Ranks& ranks = *hooks.ranks;
  std::optional<RunDirectory> directory;
  std::string bytes;
  together(ranks, [&] {
    directory = ranks.first() ? RunDirectory::open(path) : RunDirectory::of_others(path);
    if (!ranks.first()) return;
    directory->lock();
    bytes = checkpoint_archive(read_file(directory->checkpoint()), directory->checkpoint().string());
  });
  ranks.broadcast(bytes);
  SavedOptions saved;
  saved.place = directory->checkpoint().string();
  Archive archive(std::move(bytes), saved.place);
  std::unique_ptr<Trainee> trainee;
  std::optional<TrainingRun> run;
  together(ranks, [&] {
    serialise_options(archive, saved);
    trainee = make(saved);
    check_ranks(*trainee, ranks);
    if (trainee->spec().robot_sha256 != saved.robot_sha256) {
      throw Error(trainee->spec().id + ": want the robot that the run began with, SHA-256 " +
                  saved.robot_sha256 + ", found " + trainee->spec().robot_sha256 +
                  "; bring that version of the file back, or train a new run");
    }
    run.emplace(*trainee, *directory, hooks);
    run->restore(archive);
  });
  with_resume_remedy(*directory, [&] { run->go_on(saved); });
  return run_together(*directory, ranks, *run);
}

}  // namespace understudy
