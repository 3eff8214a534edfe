// `understudy eval RUN --checkpoints all`: whether the policy that a run kept is better than its others, or was lucky.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bc/runs/run_directory.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/rollouts/intervals.h"
#include "envs/rollouts/selection.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

std::string in_words(double value, bool judged) {
  char text[40];
  std::snprintf(text, sizeof text, judged ? "%.1f %%" : "%.2f", value);
  return text;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// The kept one beside those just before and after it, on the same episodes.
std::string neighbours_text(const std::vector<std::vector<double>>& all, const std::vector<Evaluated>& curve,
                            std::size_t kept, bool judged, std::uint64_t seed) {
  std::vector<std::size_t> neighbours;
  if (kept > 0) neighbours.push_back(kept - 1);
  if (kept + 1 < curve.size()) neighbours.push_back(kept + 1);
  if (neighbours.empty()) return "";
  std::vector<double> beside(all[kept].size(), 0.0);
  std::string steps;
  for (const std::size_t i : neighbours) {
    for (std::size_t j = 0; j < beside.size(); ++j)
      beside[j] += all[i][j] / static_cast<double>(neighbours.size());
    steps += (steps.empty() ? "" : " and ") + std::to_string(*curve[i].step);
  }
  const Interval interval = paired_difference_interval(all[kept], beside, seed);
  char text[160];
  std::snprintf(text, sizeof text, "%+.1f%s over its neighbours at %s, 95 %% interval [%+.1f, %+.1f]: ",
                mean(all[kept]) - mean(beside), judged ? " points of success" : " of return", steps.c_str(),
                interval.low, interval.high);
  return text + std::string(interval.low > 0    ? "better than they"
                            : interval.high < 0 ? "worse than they"
                                                : "within the noise of them");
}

/// What the curve says of the kept policy, a line each.
std::vector<std::string> verdicts(const std::vector<Evaluated>& curve, bool judged, std::uint64_t seed) {
  std::vector<std::vector<double>> all;
  for (const Evaluated& one : curve) all.push_back(figures(one, judged));
  const BestByLuck luck = best_by_luck(all, seed);
  std::vector<std::string> lines;
  const auto kept = std::find_if(curve.begin(), curve.end(), [](const Evaluated& one) { return one.kept; });
  if (kept != curve.end()) {
    const auto at = static_cast<std::size_t>(kept - curve.begin());
    const double own = mean(all[at]);
    const auto better =
        std::count_if(all.begin(), all.end(), [own](const auto& one) { return mean(one) > own; });
    lines.push_back("kept " + std::to_string(*kept->step) + ": " + in_words(own, judged) + ", " +
                    (better == 0 ? "the best of " : std::to_string(better) + " do better of ") +
                    std::to_string(curve.size()));
    const std::string beside = neighbours_text(all, curve, at, judged, seed);
    if (!beside.empty()) lines.back() += "; " + beside;
  }
  char p[32];
  std::snprintf(p, sizeof p, "%.3g", luck.p);
  lines.push_back(
      "the best has " + in_words(luck.best, judged) + "; if all were equal, luck alone would make it " +
      in_words(luck.expected, judged) + " (p = " + p +
      "): " + (luck.p < 0.05 ? "some are really better than others" : "no difference between them is shown"));
  return lines;
}

void print_curve(const std::vector<Evaluated>& curve, bool judged) {
  std::printf("%10s  %8s  %-15s  %9s  %-19s  %s\n", "step", "success", "95 % interval", "return",
              "95 % interval", "length");
  for (const Evaluated& one : curve) {
    const EvaluationSummary& s = one.summary;
    char success[32] = "-", interval[40];
    if (judged)
      std::snprintf(success, sizeof success, "[%.1f, %.1f]", 100 * s.success.low, 100 * s.success.high);
    std::snprintf(interval, sizeof interval, "[%.2f, %.2f]", s.episode_return.low, s.episode_return.high);
    std::printf("%10d  %8s  %-15s  %9.2f  %-19s  %.1f%s\n", *one.step,
                judged ? in_words(100 * s.success_rate, true).c_str() : "-", success, s.mean_return, interval,
                s.mean_length, one.kept ? "  kept" : "");
  }
}

}  // namespace

void run_checkpoints(const std::string& run, const std::string& environment_id,
                     const EvaluationChoice& choice, bool json) {
  const RunDirectory directory = RunDirectory::open(run);
  const std::vector<int> counts = directory.candidates();
  if (counts.empty()) {
    throw Error(
        run +
        ": want the policies of its evaluations in checkpoints, found none; train with --keep-candidates");
  }
  const std::string environment = chosen_environment({run}, environment_id);
  warn_about_robot(environment);
  const Randomisation randomisation = load_randomisation(choice.randomise, environment);
  const bool judged = has_success(environment);
  const std::string kept = file_sha256(directory.policy());
  handle_interrupts();
  std::vector<Evaluated> curve;
  for (const int count : counts) {
    const std::string file = directory.candidate(count).string();
    const std::string name = run + ", " + std::to_string(count);
    curve.push_back(evaluated(
        file, evaluate_policy(name, actor_factory(file, environment), environment, randomisation, choice),
        choice.seed));
    curve.back().step = count;
    curve.back().kept = file_sha256(file) == kept;
  }
  const std::vector<std::string> lines = verdicts(curve, judged, choice.seed);
  if (!json) {
    std::printf("%s in %s: %d episodes of each\n", run.c_str(), environment.c_str(), choice.episodes);
    print_curve(curve, judged);
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
    return;
  }
  ordered_json document = {{"environment", environment},
                           {"program", program_version()},
                           {"revision", source_revision()},
                           {"seed", choice.seed},
                           {"run", run},
                           {"policies", ordered_json::array()},
                           {"verdicts", lines}};
  for (const Evaluated& one : curve) document["policies"].push_back(to_json(one, judged));
  std::printf("%s\n", document.dump(2).c_str());
}

}  // namespace understudy::tools
