#include "bc/cloning/cloning_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "bc/cloning/cloning_checkpoint.h"
#include "bc/networks/blas.h"
#include "bc/networks/mlp_device.h"
#include "bc/runs/manifest.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/tensorboard.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

constexpr const char* kMetricsHeader =
    "epoch,updates,loss,gradient_norm,learning_rate,action_error,validation_loss,success_rate,mean_return,"
    "mean_length";
constexpr const char* kTimingHeader = "epoch,training_seconds,transitions_per_second,evaluation_seconds";

/// First of the selection episodes that only the final evaluation uses.
constexpr std::uint64_t kFinalEpisodes = 20'000;
/// Seconds after which the last checkpoint is written again though no evaluation was due.
constexpr double kCheckpointSeconds = 10;

std::string printed(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

Randomisation run_randomisation(const CloningRunConfig& config) {
  return parse_randomisation(config.randomisation, config.randomise);
}

/// The demonstrations, once they fit the task.
CloningData fitting_data(const CloningRunConfig& config, const EnvironmentSpec& spec) {
  DemonstrationChoice choice = config.demonstrations;
  choice.seed = config.cloning.seed;
  if (!spec.has_success()) choice.successful_only = false;
  CloningData data = load_cloning_data(config.data, config.environment, choice);
  const auto refuse = [&](const char* space, const std::string& why) {
    throw Error(config.data + ": " + space + ": " + why + "; the task " + spec.id +
                " has changed since: record again");
  };
  const std::string observation = space_mismatch(spec.observation, data.observation);
  if (!observation.empty()) refuse("observation", observation);
  const std::string action = space_mismatch(spec.action, data.action);
  if (!action.empty()) refuse("action", action);
  return data;
}

/// One run, from wherever its checkpoint stands to the end.
class CloningRun {
 public:
  CloningRun(const TrainingHooks& hooks, TrainingTask task, CloningData data, RunDirectory directory,
             Checkpoint checkpoint)
      : hooks_(hooks),
        task_(std::move(task)),
        directory_(std::move(directory)),
        saved_(std::move(checkpoint)),
        config_(saved_.config),
        randomisation_(run_randomisation(config_)),
        validation_(std::move(data.validation)),
        cloning_(config_.cloning, std::move(data.training)),
        events_(directory_.path(), saved_.epoch) {
    set_blas_threads(config_.blas_threads);
    set_mlp_device(make_mlp_device(config_.device));
    progress_.epoch = saved_.epoch;
    progress_.epochs = config_.cloning.epochs;
    policy_ = cloning_.policy();
    policy_.environment_id = config_.environment;
    policy_.observation = data.observation;
    policy_.action = data.action;
    policy_.config = to_policy_toml(config_);
    policy_.dataset_sha256 = data.sha256;
    policy_.program_version = program_version();
    result_.policy = directory_.policy();
    result_.training_episodes = data.training_episodes;
    result_.validation_episodes = data.validation_episodes;
    result_.left_out_episodes = data.left_out_episodes;
    if (saved_.epoch == 0) {
      saved_.training = cloning_.state();
      saved_.metrics = std::string(kMetricsHeader) + "\n";
      save_last();
    } else {
      cloning_.restore(saved_.training);
    }
    // What came after the checkpoint is done again.
    directory_.write("metrics.csv", saved_.metrics);
    remove_other_candidates();
  }

  TrainingResult run() {
    while (saved_.epoch < config_.cloning.epochs) epoch();
    choose_best();
    return result_;
  }

 private:
  bool stopping() const { return hooks_.stop && hooks_.stop(); }

  void report(const char* activity, double done) {
    progress_.activity = activity;
    progress_.done = done;
    if (hooks_.progress) hooks_.progress(progress_);
  }

  /// Saves the run as it was after the last whole epoch.
  [[noreturn]] void interrupt() {
    save_last();
    throw Interrupted("stopped after epoch " + std::to_string(saved_.epoch) + " of " +
                      std::to_string(config_.cloning.epochs) +
                      ", everything is saved; continue with `understudy resume " +
                      directory_.path().string() + "`");
  }

  void save_last() {
    durable_write(std::filesystem::absolute(directory_.last()), to_bytes(saved_));
    last_save_ = Clock::now();
  }

  Policy policy_with(const Vector& parameters) const {
    Policy policy = policy_;
    policy.network = std::make_shared<const MlpPolicy>(mlp_of(policy_).spec, parameters,
                                                       config_.cloning.likelihood, config_.cloning.squash);
    return policy;
  }

  EvaluationSummary evaluate(const Policy& policy, const char* activity, std::uint64_t first, int episodes,
                             double done_before, double share) {
    EvaluationOptions options;
    options.episodes = episodes;
    options.seed = episode_seed(SeedUse::kSelection, config_.cloning.seed, first);
    options.threads = config_.threads;
    options.randomisation = randomisation_;
    options.progress = [&](int finished, int all) {
      report(activity, done_before + share * finished / all);
      return !stopping();
    };
    const auto outcomes = task_.evaluate(policy, options);
    if (static_cast<int>(outcomes.size()) < episodes || stopping()) interrupt();
    return summarise(outcomes, config_.cloning.seed);
  }

  /// One epoch of training and the evaluation if one is due. Interrupted anywhere, it leaves saved_ as it was.
  void epoch() {
    report("training", 0);
    const auto start = Clock::now();
    const auto metrics = cloning_.epoch([this] { return stopping(); });
    if (!metrics) interrupt();
    const double training_seconds = seconds_since(start);
    progress_.metrics = *metrics;
    if (validation_.actions.rows() > 0) progress_.validation_loss = cloning_.loss(validation_);

    Checkpoint next = saved_;
    next.epoch += 1;
    next.training = cloning_.state();
    const bool due = next.epoch % config_.evaluate_every == 0 || next.epoch == config_.cloning.epochs;
    const auto evaluation_start = Clock::now();
    if (due) {
      progress_.evaluation =
          evaluate(policy_with(next.training.parameters), "evaluating", 0, config_.evaluation_episodes, 0, 1);
    }
    const double evaluation_seconds = seconds_since(evaluation_start);
    const std::string line = metrics_line(next, due);
    next.metrics += line + "\n";
    saved_ = std::move(next);
    progress_.epoch = saved_.epoch;

    directory_.append("metrics.csv", kMetricsHeader, line);
    const double transitions = static_cast<double>(config_.cloning.batch) * config_.cloning.epoch_updates;
    directory_.append("timing.csv", kTimingHeader,
                      std::to_string(saved_.epoch) + printed(",%.6f", training_seconds) +
                          printed(",%.1f", transitions / training_seconds) +
                          printed(",%.6f", evaluation_seconds));
    write_events(due);
    if (due) consider(*progress_.evaluation);
    if (due || seconds_since(last_save_) > kCheckpointSeconds) {
      save_last();
      remove_other_candidates();
    }
    report("training", 1);
  }

  std::string metrics_line(const Checkpoint& checkpoint, bool evaluated) const {
    const CloningMetrics& m = progress_.metrics;
    std::string line =
        std::to_string(checkpoint.epoch) + "," + std::to_string(checkpoint.training.adam.steps);
    for (const double value : {m.loss, m.gradient_norm, m.learning_rate, m.mean_absolute_error}) {
      line += printed(",%.9g", value);
    }
    line += progress_.validation_loss ? printed(",%.9g", *progress_.validation_loss) : ",";
    if (!evaluated) return line + ",,,";
    const EvaluationSummary& e = *progress_.evaluation;
    for (const double value : {e.success_rate, e.mean_return, e.mean_length}) line += printed(",%.9g", value);
    return line;
  }

  void write_events(bool evaluated) {
    const auto scalar = [&](const char* tag, double value) {
      events_.scalar(tag, saved_.epoch, static_cast<float>(value));
    };
    scalar("train/loss", progress_.metrics.loss);
    scalar("train/gradient_norm", progress_.metrics.gradient_norm);
    scalar("train/learning_rate", progress_.metrics.learning_rate);
    scalar("train/action_error", progress_.metrics.mean_absolute_error);
    if (progress_.validation_loss) scalar("validation/loss", *progress_.validation_loss);
    if (!evaluated) return;
    scalar("rollout/success_rate", progress_.evaluation->success_rate);
    scalar("rollout/mean_return", progress_.evaluation->mean_return);
    scalar("rollout/mean_length", progress_.evaluation->mean_length);
  }

  /// Puts the present policy among the candidates if it is good enough, and in policy.pt if it is the best yet.
  void consider(const EvaluationSummary& evaluation) {
    auto& candidates = saved_.candidates;
    const auto place = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& other) {
      return better(evaluation, other.evaluation);
    });
    const bool best = place == candidates.begin();
    const bool full = candidates.size() == static_cast<std::size_t>(config_.candidates);
    if (place == candidates.end() && full) return;
    candidates.insert(place, {saved_.epoch, evaluation});
    if (full) candidates.pop_back();
    const std::string bytes = to_bytes(saved_);
    durable_write(std::filesystem::absolute(directory_.candidate(saved_.epoch)), bytes);
    if (best) {
      durable_write(std::filesystem::absolute(directory_.best()), bytes);
      save_policy(policy_with(saved_.training.parameters), directory_.policy());
    }
  }

  void remove_other_candidates() {
    directory_.remove_candidates([&](int epoch) {
      return std::any_of(saved_.candidates.begin(), saved_.candidates.end(),
                         [&](const Candidate& candidate) { return candidate.epoch == epoch; });
    });
  }

  /// The final evaluation: each candidate on the same new episodes, more of them.
  void choose_best() {
    std::string best_bytes;
    Candidate best;
    const double share = 1.0 / static_cast<double>(saved_.candidates.size());
    for (std::size_t i = 0; i < saved_.candidates.size(); ++i) {
      const auto path = directory_.candidate(saved_.candidates[i].epoch);
      std::string bytes = read_file(path);
      const Checkpoint checkpoint = checkpoint_from_bytes(bytes, path.string());
      const Candidate tried{
          checkpoint.epoch,
          evaluate(policy_with(checkpoint.training.parameters), "final evaluation", kFinalEpisodes,
                   config_.final_episodes, static_cast<double>(i) * share, share)};
      if (best_bytes.empty() || better(tried.evaluation, best.evaluation)) {
        best = tried;
        best_bytes = std::move(bytes);
      }
    }
    save_policy(policy_with(checkpoint_from_bytes(best_bytes, "best.ckpt").training.parameters),
                directory_.policy());
    durable_write(std::filesystem::absolute(directory_.best()), best_bytes);
    saved_.finished = true;
    saved_.best = best;
    saved_.candidates.clear();
    save_last();
    remove_other_candidates();
    result_.best_epoch = best.epoch;
    result_.best = best.evaluation;
  }

  const TrainingHooks& hooks_;
  TrainingTask task_;
  RunDirectory directory_;
  Checkpoint saved_;  ///< the run after its last whole epoch
  CloningRunConfig config_;
  Randomisation randomisation_;  ///< of evaluation episodes
  CloningPairs validation_;
  Cloning cloning_;
  EventWriter events_;
  Policy policy_;
  TrainingProgress progress_;
  TrainingResult result_;
  Clock::time_point last_save_;
};

ManifestData manifest_data(const CloningData& data) {
  return {.sha256 = data.sha256,
          .training_episodes = data.training_episodes,
          .validation_episodes = data.validation_episodes,
          .left_out_episodes = data.left_out_episodes,
          .training_transitions = data.training.actions.rows(),
          .validation_transitions = data.validation.actions.rows()};
}

}  // namespace

TrainingTask registered_task(const std::string& id) {
  return {make_environment(id)->spec(), [id](const Policy& policy, const EvaluationOptions& options) {
            return understudy::evaluate(
                id, [&policy] { return policy_actor(policy); }, options);
          }};
}

TrainingResult train_cloning(const CloningRunConfig& config, bool overwrite, const TrainingHooks& hooks) {
  validate(config);
  TrainingTask task = hooks.task(config.environment);
  check_fits(run_randomisation(config), task.spec);
  RunDirectory::check_creatable(config.out, overwrite);
  CloningData data = fitting_data(config, task.spec);

  CloningRunConfig resolved = config;  // so that the run can be resumed from any directory
  resolved.data = std::filesystem::absolute(config.data).lexically_normal().string();
  resolved.out = std::filesystem::absolute(config.out).lexically_normal().string();
  if (!config.randomise.empty()) {
    resolved.randomise = std::filesystem::absolute(config.randomise).lexically_normal().string();
  }
  Checkpoint checkpoint;
  checkpoint.config = resolved;
  checkpoint.dataset_sha256 = data.sha256;
  RunDirectory directory = RunDirectory::create(config.out, overwrite);
  directory.write("config.toml", to_toml(resolved));
  if (!config.randomisation.empty()) directory.write("randomise.toml", config.randomisation);
  const ManifestData described = manifest_data(data);
  write_manifest(directory, resolved, described, nullptr);

  return with_resume_remedy(directory, [&] {
    CloningRun run(hooks, std::move(task), std::move(data), directory, std::move(checkpoint));
    TrainingResult result = run.run();
    write_manifest(directory, resolved, described, &result);
    return result;
  });
}

TrainingResult resume_training(const std::filesystem::path& path, const TrainingHooks& hooks,
                               const std::optional<std::string>& device) {
  RunDirectory directory = RunDirectory::open(path);
  directory.lock();
  Checkpoint checkpoint = checkpoint_from_bytes(read_file(directory.last()), directory.last().string());
  checkpoint.config.device = device.value_or(checkpoint.config.device);
  const CloningRunConfig config = checkpoint.config;
  TrainingTask task = hooks.task(config.environment);
  CloningData data = fitting_data(config, task.spec);
  if (data.sha256 != checkpoint.dataset_sha256) {
    throw Error(config.data + ": has changed since the run began: want SHA-256 " + checkpoint.dataset_sha256 +
                ", found " + data.sha256 + "; put the old file back, or train a new run");
  }
  if (checkpoint.finished) {
    return {.policy = directory.policy(),
            .best_epoch = checkpoint.best.epoch,
            .best = checkpoint.best.evaluation,
            .training_episodes = data.training_episodes,
            .validation_episodes = data.validation_episodes,
            .left_out_episodes = data.left_out_episodes};
  }
  const ManifestData described = manifest_data(data);
  return with_resume_remedy(directory, [&] {
    CloningRun run(hooks, std::move(task), std::move(data), directory, std::move(checkpoint));
    TrainingResult result = run.run();
    write_manifest(directory, config, described, &result);
    return result;
  });
}

}  // namespace understudy
