#include "tools/console/training_report.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "bc/runs/setting.h"
#include "datasets/types/shell_quoted.h"
#include "tools/console/task_actor.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

/// What an evaluation in training said: success where there is any, return and distance.
std::string trial_text(const Trial& trial) {
  char text[96];
  std::snprintf(text, sizeof text, "evaluated %.4g", trial.summary.mean_return);
  std::string line = text;
  if (trial.summary.success_rate > 0) {
    std::snprintf(text, sizeof text, ", success %.0f %% of %d", 100 * trial.summary.success_rate,
                  trial.summary.episodes);
    line += text;
  }
  if (trial.closeness) {
    std::snprintf(text, sizeof text, ", W1 %.2f", trial.closeness->distance);
    line += text;
  }
  return line;
}

/// A run's lines of metrics as a table, for runs of few.
void print_rounds(const std::filesystem::path& run) {
  std::ifstream csv(run / "metrics.csv");
  for (std::string line; std::getline(csv, line);) {
    for (const std::string& cell : split_list(line)) {
      char* end = nullptr;
      const double number = std::strtod(cell.c_str(), &end);
      char text[32];
      if (end != cell.c_str()) std::snprintf(text, sizeof text, "%.4g", number);
      std::printf("%15s", end != cell.c_str() ? text : cell.empty() ? "-" : cell.c_str());
    }
    std::printf("\n");
  }
}

/// What to try after a training that never succeeded.
std::string advice(const RunResult& result) {
  const std::string run = shell_quoted(result.policy.parent_path().string());
  const std::string look = "it never succeeded: see why in `understudy eval " + run + " --env " +
                           shell_quoted(result.environment) + "` (--failures DIR draws it); ";
  if (result.unit == "step") {
    return look +
           "then try more --steps, other seeds, or, where there are demonstrations, cloning them first "
           "(`understudy train bc`)";
  }
  return look +
         "then look at the demonstrations (`understudy data lint`), train longer, record more of them, or "
         "correct it at work (`understudy record --policy " +
         run + "`)";
}

}  // namespace

RunHooks TrainingReport::hooks() {
  handle_interrupts();
  return {.progress = [this](const RunProgress& progress) { show(progress); },
          .stop = interrupted,
          .terminated = terminated,
          .terminated_elsewhere = note_termination,
          .task = drawn_task,
          .ranks = ranks_,
          .remark = [](const std::string& line) { std::fprintf(stderr, "understudy: %s\n", line.c_str()); }};
}

void TrainingReport::show(const RunProgress& p) {
  if (p.activity == "final evaluation") {
    progress_.reset();
    if (final_ == nullptr) final_ = std::make_unique<Progress>(p.activity, 100, "%");
    final_->update(100 * p.done);
    return;
  }
  if (progress_ == nullptr)
    progress_ = std::make_unique<Progress>("training", p.total, p.unit + "s", p.count);
  std::string extra = p.note;
  const auto add = [&extra](const std::string& text) { extra += (extra.empty() ? "" : ", ") + text; };
  if (p.trial) add(trial_text(*p.trial));
  if (p.activity == "evaluating") add("evaluating");
  progress_->update(p.count, extra);
}

void TrainingReport::finish(const RunResult& result) {
  progress_.reset();
  final_.reset();
  if (!ranks_->first()) return;
  const EvaluationSummary& e = result.summary;
  if (!result.material.empty()) std::printf("%s\n", result.material.c_str());
  char success[64] = "";
  if (has_success(result.environment)) {
    std::snprintf(success, sizeof success, ", success %.1f %% [%.1f, %.1f]", 100 * e.success_rate,
                  100 * e.success.low, 100 * e.success.high);
  }
  std::printf("policy of %s %d after %.0f s: return %.2f [%.2f, %.2f]%s over %d episodes\n",
              result.unit.c_str(), result.count, result.seconds, e.mean_return, e.episode_return.low,
              e.episode_return.high, success, e.episodes);
  if (result.unit == "round") print_rounds(result.policy.parent_path());
  if (has_success(result.environment) && e.success_rate == 0) std::printf("%s\n", advice(result).c_str());
  std::printf("measure it on other episodes: understudy eval %s --env %s\n",
              shell_quoted(result.policy.string()).c_str(), shell_quoted(result.environment).c_str());
}

void add_timeout_option(CLI::App& command, double& timeout) {
  if (!mpi_built()) return;
  command
      .add_option("--mpi-timeout", timeout,
                  "Started by mpirun: seconds to wait for a process of which nothing is heard")
      ->check(CLI::Range(1.0, 86400.0))
      ->capture_default_str();
}

}  // namespace understudy::tools
