#include "bc/dagger/dagger_run.h"

#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bc/cloning/cloners.h"
#include "bc/dagger/dagger_rollout.h"
#include "bc/networks/blas.h"
#include "bc/policies/policy_archive.h"
#include "bc/runs/manifest.h"
#include "bc/runs/setting_json.h"
#include "bc/runs/training_run.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

/// Appends episodes to others.
void append(const CloningPairs& more, CloningPairs& pairs) {
  const Eigen::Index rows = pairs.actions.rows(), all = rows + more.actions.rows();
  pairs.observations.conservativeResize(all, more.observations.cols());
  pairs.actions.conservativeResize(all, more.actions.cols());
  pairs.observations.bottomRows(all - rows) = more.observations;
  pairs.actions.bottomRows(all - rows) = more.actions;
  pairs.lengths.insert(pairs.lengths.end(), more.lengths.begin(), more.lengths.end());
  if (!pairs.weights.empty()) pairs.weights.resize(static_cast<std::size_t>(all), 1);
}

std::unique_ptr<Actor> make_expert_of(const DaggerRunConfig& config, const EnvironmentSpec& spec) {
  if (config.expert == "expert") {
    if (!has_expert(config.environment))
      throw UsageError("--expert: want a policy's file to ask, as " + config.environment +
                       " has no scripted expert, found 'expert'");
    return make_expert(config.environment);
  }
  const Policy policy = load_policy(config.expert);
  try {
    check_policy_fits(policy, spec);
  } catch (const Error& error) {
    throw Error(config.expert + ": " + error.what());
  }
  return policy_actor(policy);
}

class DaggerTrainee final : public Trainee {
 public:
  /// Resolves `config`.
  DaggerTrainee(DaggerRunConfig config, EnvironmentSpec spec)
      : config_(std::move(config)),
        spec_(std::move(spec)),
        warm_start_(resolve_with_warm_start(config_, spec_)),
        environment_((validate(config_), make_environment(config_.environment, randomisation_of(config_)))),
        expert_(make_expert_of(config_, spec_)) {
    if (has_demonstrations()) {
      demonstrations_ = load_cloning_data(config_.demonstrations, {.share = 0, .seed = config_.seed}, spec_,
                                          split_list(config_.more_data), config_.weights);
      demonstrations_.training.datasets.clear();
    }
    set_blas_threads(config_.blas_threads);
  }

  const RunConfig& config() const override { return config_; }
  SettingList settings() override { return understudy::settings(config_); }
  const EnvironmentSpec& spec() const override { return spec_; }
  std::string dataset_sha256() const override { return demonstrations_.sha256; }
  std::string material() const override {
    return "asked " + config_.expert + " about " + std::to_string(config_.round_episodes) +
           " episodes a round" +
           (has_demonstrations()
                ? ", after " + std::to_string(demonstrations_.training_episodes) + " demonstrations"
                : "");
  }

  std::string unit() const override { return "round"; }
  int count() const override { return round_; }
  int total() const override { return config_.rounds; }

  void advance() override {
    if (cloner_ == nullptr) {
      if (round_ == 0 && has_demonstrations()) episodes_ = config_.round_episodes;  // it has been driven
      if (episodes_ < config_.round_episodes) return collect();
      cloner_ = new_cloner();
    }
    const CloningMetrics metrics = cloner_->update();
    loss_.add(metrics.loss);
    if (cloner_->updates() < round_updates()) return;
    before_ = fitted(cloner_->policy());
    cloner_.reset();
    learner_.reset();
    episodes_ = 0;
    ++round_;
  }

  std::string note() const override {
    char text[64];
    if (cloner_ == nullptr) {
      std::snprintf(text, sizeof text, "driving, %d of %d episodes", episodes_, config_.round_episodes);
    } else {
      std::snprintf(text, sizeof text, "training on %lld steps, %.0f %%", static_cast<long long>(steps()),
                    100.0 * static_cast<double>(cloner_->updates()) / static_cast<double>(round_updates()));
    }
    return text;
  }

  Policy policy() const override { return *before_; }

  bool reports_units() const override { return true; }

  void report(const Trial* trial, Metrics& metrics) override {
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    metrics.set("round", count(), "");
    metrics.set("labels", static_cast<double>(steps()));
    metrics.set("episodes",
                static_cast<double>(collected_.lengths.size()) + demonstrations_.training_episodes);
    metrics.set("beta", count() == 1 && has_demonstrations() ? kNothing : beta(config_, count() - 1));
    metrics.set("expert_share", expert_share_.take());
    const double driven_success = driven_success_.take();
    metrics.set("driven_success", spec_.has_success() ? driven_success : kNothing);
    metrics.set("disagreement", disagreement_.take());
    metrics.set("loss", loss_.take());
    metrics.set("success_rate", trial && spec_.has_success() ? trial->summary.success_rate : kNothing,
                "rollout/success_rate");
    metrics.set("mean_return", trial ? trial->summary.mean_return : kNothing, "rollout/mean_return");
    metrics.set("mean_length", trial ? trial->summary.mean_length : kNothing, "rollout/mean_length");
  }

  std::optional<Closeness> closeness(const Policy&, bool, const std::function<void()>&) override {
    return {};
  }

  ordered_json manifest(const RunResult* result) override {
    ordered_json document = {{"blas_threads", config_.blas_threads},
                             {"seed", config_.seed},
                             {"environment", config_.environment},
                             {"config", settings_json(settings())}};
    if (!config_.randomisation.empty()) document["config"]["randomisation"] = config_.randomisation;
    if (has_demonstrations()) {
      document["dataset"] = {{"path", config_.demonstrations.data},
                             {"sha256", demonstrations_.sha256},
                             {"episodes", demonstrations_.training_episodes},
                             {"mean_return", demonstrations_.training_return}};
    }
    if (result != nullptr) {
      document["result"] = {{"best_round", result->count}, {"labels", steps()}};
      document["result"].update(result_json(*result, spec_.has_success()));
    }
    return document;
  }

  void serialise(Archive& archive) override {
    archive("dagger round", round_);
    archive.want_range(round_, 0, config_.rounds);
    archive("dagger episodes", episodes_);
    archive.want_range(episodes_, 0, config_.round_episodes);
    serialise_collected(archive);
    for (RunningMean* mean : {&expert_share_, &driven_success_, &disagreement_, &loss_})
      mean->serialise(archive);
    if (archive.loading() && round_ > 0) before_.emplace();
    if (round_ > 0) {
      Policy before = *before_;
      serialise_policy(archive, before);
      before_ = std::move(before);
      check_policy(*before_, archive.place());
    }
    bool training = cloner_ != nullptr;
    archive("dagger training", training);
    if (archive.loading()) {
      learner_.reset();
      cloner_ = training ? new_cloner() : nullptr;
    }
    if (training) cloner_->serialise(archive);
  }

 private:
  bool has_demonstrations() const { return !config_.demonstrations.data.empty(); }
  Eigen::Index steps() const { return demonstrations_.training.actions.rows() + collected_.actions.rows(); }
  std::uint64_t round_updates() const {
    return static_cast<std::uint64_t>(config_.cloning.epochs) *
           static_cast<std::uint64_t>(config_.cloning.epoch_updates);
  }

  Policy fitted(Policy policy) const {
    policy.environment_id = spec_.id;
    policy.observation = spec_.observation;
    policy.action = spec_.action;
    return policy;
  }

  void collect() {
    if (learner_ == nullptr && before_) learner_ = policy_actor(*before_);
    const LabelledEpisode episode =
        dagger_rollout(*environment_, *expert_, learner_.get(), beta(config_, round_),
                       episode_seed(SeedUse::kTraining, config_.seed, collected_.lengths.size()));
    append({.observations = episode.observations,
            .actions = episode.labels,
            .lengths = {static_cast<int>(episode.labels.rows())}},
           collected_);
    expert_share_.add(static_cast<double>(episode.expert_steps) / static_cast<double>(episode.labels.rows()));
    driven_success_.add(episode.success ? 1 : 0);
    if (before_) disagreement_.add(episode.disagreement);
    ++episodes_;
  }

  std::unique_ptr<Cloner> new_cloner() const {
    CloningPairs pairs = demonstrations_.training;
    append(collected_, pairs);
    return make_cloner(config_, std::move(pairs), {}, spec_,
                       config_.continues && before_ ? &*before_ : warm_start_.get());
  }

  void serialise_collected(Archive& archive) {
    archive("dagger observations", collected_.observations);
    archive("dagger labels", collected_.actions);
    archive("dagger lengths", collected_.lengths);
    std::int64_t rows = 0;
    for (const int length : collected_.lengths) {
      archive.want_range(length, 1, spec_.horizon);
      rows += length;
    }
    archive.want_shape(collected_.observations, rows, rows == 0 ? 0 : spec_.observation.size());
    archive.want_shape(collected_.actions, rows, rows == 0 ? 0 : spec_.action.size());
  }

  DaggerRunConfig config_;
  EnvironmentSpec spec_;
  std::shared_ptr<const Policy> warm_start_;
  CloningData demonstrations_;
  std::unique_ptr<Environment> environment_;
  std::unique_ptr<Actor> expert_;
  CloningPairs collected_;          ///< with what the expert said
  int round_ = 0;                   ///< rounds finished
  int episodes_ = 0;                ///< driven in the present one
  std::optional<Policy> before_;    ///< of the round before
  std::unique_ptr<Actor> learner_;  ///< of before_, while it drives
  std::unique_ptr<Cloner> cloner_;  ///< while it trains
  RunningMean expert_share_, driven_success_, disagreement_, loss_;
};

}  // namespace

RunResult train_dagger(const DaggerRunConfig& config, bool overwrite, const RunHooks& hooks) {
  if (config.warm_start.empty()) validate(config);
  DaggerRunConfig absolute = config;
  if (std::filesystem::is_directory(absolute.expert)) absolute.expert += "/policy.pt";
  make_paths_absolute(settings(absolute));
  return train_run(absolute, overwrite, hooks, [&] {
    return std::make_unique<DaggerTrainee>(absolute, hooks.task(config.environment).spec);
  });
}

RunResult resume_dagger(const std::filesystem::path& path, const RunHooks& hooks,
                        const ResumeOptions& options) {
  if (options.steps)
    throw UsageError("--steps: " + path.string() +
                     " is a DAgger run, whose length is in rounds: train a new one");
  return resume_run(path, hooks, [&](const SavedOptions& saved) {
    DaggerRunConfig config;
    restore_config(saved, options, settings(config), config);
    return std::make_unique<DaggerTrainee>(config, hooks.task(config.environment).spec);
  });
}

}  // namespace understudy
