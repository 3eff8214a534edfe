#include "tools/console/training_report.h"

#include <cstdio>

namespace understudy::tools {

TrainingHooks TrainingReport::hooks() {
  handle_interrupts();
  TrainingHooks hooks;
  hooks.stop = interrupted;
  hooks.progress = [this](const TrainingProgress& progress) { show(progress); };
  return hooks;
}

void TrainingReport::show(const TrainingProgress& p) {
  if (p.activity == "final evaluation") {
    progress_.reset();
    if (final_ == nullptr) final_ = std::make_unique<Progress>("choosing the best", 100, "%");
    final_->update(100 * p.done);
    return;
  }
  if (progress_ == nullptr) {
    first_epoch_ = p.epoch;
    progress_ = std::make_unique<Progress>("training", p.epochs, "epochs", p.epoch);
  }
  char text[96];
  std::string extra;
  if (p.epoch > first_epoch_) {
    std::snprintf(text, sizeof text, "loss %.3g", p.metrics.loss);
    extra = text;
  }
  if (p.evaluation) {
    std::snprintf(text, sizeof text, "%ssuccess %.0f %% of %d", extra.empty() ? "" : ", ",
                  100 * p.evaluation->success_rate, p.evaluation->episodes);
    extra += text;
  }
  if (p.activity == "evaluating") {
    std::snprintf(text, sizeof text, "%sevaluating", extra.empty() ? "" : ", ");
    extra += text;
  }
  progress_->update(p.epoch, extra);
}

void TrainingReport::finish(const TrainingResult& result, const std::string& environment) {
  progress_.reset();
  final_.reset();
  const EvaluationSummary& e = result.best;
  std::printf("trained on %d episodes, %d held out%s\n", result.training_episodes, result.validation_episodes,
              result.left_out_episodes == 0
                  ? ""
                  : (", " + std::to_string(result.left_out_episodes) + " failed ones left out").c_str());
  std::printf("best policy: epoch %d, success %.1f %% [%.1f, %.1f] over %d episodes, return %.2f\n",
              result.best_epoch, 100 * e.success_rate, 100 * e.success.low, 100 * e.success.high, e.episodes,
              e.mean_return);
  std::printf("measure it on other episodes: understudy eval %s --env %s\n", result.policy.string().c_str(),
              environment.c_str());
}

}  // namespace understudy::tools
