#include "bc/cloning/cloning_run.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "bc/cloning/cloners.h"
#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_data.h"
#include "bc/networks/blas.h"
#include "bc/runs/manifest.h"
#include "bc/runs/rank_agreement.h"
#include "bc/runs/setting_json.h"
#include "bc/runs/training_run.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

/// `spec` comes to say what the policy is given.
CloningData load_data(const CloningRunConfig& run, EnvironmentSpec& spec) {
  validate(run);
  CloningData data = load_cloning_data(
      run.demonstrations, {.share = run.validation_share, .seed = run.seed, .mask = run.validation_mask},
      spec, split_list(run.more_data), run.weights);
  if (run.sight.sees()) restrict_to_sight(data, run.sight, run.demonstrations.data, spec.observation);
  return data;
}

/// Sums over the updates of an epoch.
struct EpochSums {
  double loss = 0;
  double gradient_norm = 0;
  double action_error = 0;
  double learning_rate = 0;  ///< at the last update
};

class CloningTrainee final : public Trainee {
 public:
  /// Resolves `config`.
  CloningTrainee(CloningRunConfig config, EnvironmentSpec spec, std::shared_ptr<Ranks> ranks)
      : config_(std::move(config)),
        spec_(std::move(spec)),
        warm_start_(resolve_with_warm_start(config_, spec_)),
        data_(load_data(config_, spec_)),
        transitions_(data_.training.actions.rows()),
        cloning_(make_cloner(config_, std::move(data_.training), data_.cameras, spec_, warm_start_.get(),
                             std::move(ranks))) {
    set_blas_threads(config_.blas_threads);
  }

  const RunConfig& config() const override { return config_; }
  SettingList settings() override { return understudy::settings(config_); }
  const EnvironmentSpec& spec() const override { return spec_; }
  std::string dataset_sha256() const override { return data_.sha256; }
  std::string material() const override {
    const std::string left_out =
        data_.left_out_episodes == 0
            ? ""
            : ", " + std::to_string(data_.left_out_episodes) + " failed ones left out";
    return "trained on " + std::to_string(data_.training_episodes) + " episodes, " +
           std::to_string(data_.validation_episodes) + " held out" + left_out;
  }

  std::string unit() const override { return "epoch"; }
  int count() const override { return static_cast<int>(cloning_->updates() / epoch_updates()); }
  int total() const override { return config_.cloning.epochs; }

  void advance() override {
    if (cloning_->updates() % epoch_updates() == 0) sums_ = {};
    const CloningMetrics metrics = cloning_->update();
    sums_.loss += metrics.loss;
    sums_.gradient_norm += metrics.gradient_norm;
    sums_.action_error += metrics.mean_absolute_error;
    sums_.learning_rate = metrics.learning_rate;
    if (cloning_->updates() % epoch_updates() == 0) latest_loss_ = sums_.loss / config_.cloning.epoch_updates;
  }

  std::string note() const override {
    char text[40] = "";
    if (latest_loss_) std::snprintf(text, sizeof text, "loss %.3g", *latest_loss_);
    return text;
  }

  Policy policy() const override { return cloning_->policy(); }

  bool reports_units() const override { return true; }

  void report(const Trial* trial, Metrics& metrics) override {
    constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
    const double updates = config_.cloning.epoch_updates;
    metrics.set("epoch", count(), "");
    metrics.set("updates", static_cast<double>(cloning_->updates()), "");
    metrics.set("loss", sums_.loss / updates);
    metrics.set("gradient_norm", sums_.gradient_norm / updates);
    metrics.set("learning_rate", sums_.learning_rate);
    metrics.set("action_error", sums_.action_error / updates);
    metrics.set("validation_loss",
                data_.validation.actions.rows() > 0 ? cloning_->loss(data_.validation) : kNothing,
                "validation/loss");
    metrics.set("success_rate", trial && spec_.has_success() ? trial->summary.success_rate : kNothing,
                "rollout/success_rate");
    metrics.set("mean_return", trial ? trial->summary.mean_return : kNothing, "rollout/mean_return");
    metrics.set("mean_length", trial ? trial->summary.mean_length : kNothing, "rollout/mean_length");
  }

  std::optional<Closeness> closeness(const Policy&, bool, const std::function<void()>&) override {
    return {};
  }

  ordered_json manifest(const RunResult* result) override {
    ordered_json config = settings_json(settings());
    config["episodes"] = config_.demonstrations.demos;  // what --demos was called
    if (!config_.randomisation.empty()) config["randomisation"] = config_.randomisation;
    ordered_json document = {
        {"blas_threads", config_.blas_threads},
        {"evaluation_threads",
         config_.threads == 0 ? static_cast<int>(std::thread::hardware_concurrency()) : config_.threads},
        {"seed", config_.seed},
        {"environment", config_.environment},
        {"dataset",
         {{"path", config_.demonstrations.data + (config_.more_data.empty() ? "" : "," + config_.more_data)},
          {"sha256", data_.sha256},
          {"training_episodes", data_.training_episodes},
          {"validation_episodes", data_.validation_episodes},
          {"mean_return", data_.training_return},
          {"left_out_episodes", data_.left_out_episodes},
          {"training_transitions", transitions_},
          {"validation_transitions", data_.validation.actions.rows()}}},
        {"config", std::move(config)}};
    if (result != nullptr) {
      document["result"] = {{"best_epoch", result->count}};
      document["result"].update(result_json(*result, spec_.has_success()));
    }
    return document;
  }

  void serialise(Archive& archive) override {
    cloning_->serialise(archive);
    for (double* sum : {&sums_.loss, &sums_.gradient_norm, &sums_.action_error, &sums_.learning_rate}) {
      archive("epoch sum", *sum);
    }
  }

 private:
  std::uint64_t epoch_updates() const { return static_cast<std::uint64_t>(config_.cloning.epoch_updates); }

  CloningRunConfig config_;
  EnvironmentSpec spec_;
  std::shared_ptr<const Policy> warm_start_;
  CloningData data_;  ///< its training pairs are Cloning's
  Eigen::Index transitions_;
  std::unique_ptr<Cloner> cloning_;
  EpochSums sums_;
  std::optional<double> latest_loss_;  ///< mean over the latest whole epoch
};

}  // namespace

RunResult train_cloning(const CloningRunConfig& config, bool overwrite, const RunHooks& hooks) {
  together(*hooks.ranks, [&] {
    if (config.warm_start.empty()) validate(config);  // else it says what else there is to check
  });
  CloningRunConfig absolute = config;
  make_paths_absolute(settings(absolute));
  return train_run(absolute, overwrite, hooks, [&] {
    return std::make_unique<CloningTrainee>(absolute, hooks.task(config.environment).spec, hooks.ranks);
  });
}

RunResult resume_cloning(const std::filesystem::path& path, const RunHooks& hooks,
                         const ResumeOptions& options) {
  if (options.steps) {
    throw UsageError("--steps: " + path.string() +
                     " is a cloning run, whose length is in epochs: train a new one");
  }
  return resume_run(path, hooks, [&](const SavedOptions& saved) {
    CloningRunConfig config;
    restore_config(saved, options, settings(config), config);
    return std::make_unique<CloningTrainee>(config, hooks.task(config.environment).spec, hooks.ranks);
  });
}

}  // namespace understudy
