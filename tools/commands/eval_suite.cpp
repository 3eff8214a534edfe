// `understudy eval --suite`: tasks x policies x perturbations, a cell at a time.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/tasks/registry.h"
#include "tools/commands/eval_cells.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/suite_file.h"
#include "tools/console/task_criterion.h"
#include "tools/console/world_option.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Every cell, task by task; whatever is wrong with one is found now.
std::vector<EvaluationCell> cells_of(const Suite& suite, const EvaluationChoice& evaluation,
                                     const std::string& out, const std::string& only = "") {
  std::vector<EvaluationCell> cells;
  CellNames names(out);
  const CellFilter filter(out, only);
  for (const std::string& task : suite.tasks) {
    warn_about_robot(task);
    for (const std::string& each : suite.policies) {
      const std::string policy = for_task(each, task);
      if (policy == "expert" && !has_expert(task))
        throw UsageError(suite.name + ": " + task + " has no expert; leave \"expert\" out of policies");
      bool fits = false;
      for (const Perturbation& perturbation : suite.perturbations) {
        if (!filter.wants(task, policy, perturbation.name)) continue;
        if (!std::exchange(fits, true)) actor_factory(policy, task);
        EvaluationCell cell{task, policy, perturbation.name, randomisation_of(perturbation, task)};
        try {
          names.name(cell, evaluation);
        } catch (const UsageError& error) {
          throw UsageError("perturbations." + perturbation.name + ", " + task + ": " + error.what());
        }
        cells.push_back(std::move(cell));
      }
    }
  }
  return cells;
}

/// Episodes and seed are the suite's, where it says them.
EvaluationChoice chosen(const Suite& suite, EvaluationChoice evaluation) {
  evaluation.episodes = suite.episodes.value_or(evaluation.episodes);
  evaluation.seed = suite.seed.value_or(evaluation.seed);
  return evaluation;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string inside;
  for (const char letter : text) inside += letter == '"' ? "\"\"" : std::string(1, letter);
  return '"' + inside + '"';
}

/// Causes of failure with their number, "12 time out; 3 off track", by name.
std::string causes_of(const ordered_json& cell) {
  std::map<std::string, int> causes;
  for (const ordered_json& outcome : cell.at("outcomes")) {
    if (outcome.at("cause").is_string()) ++causes[outcome.at("cause").get<std::string>()];
  }
  std::string text;
  for (const auto& [cause, count] : causes)
    text += (text.empty() ? "" : "; ") + std::to_string(count) + " " + cause;
  return text;
}

std::string csv_of(const ordered_json& cells) {
  std::string csv =
      "environment,policy,perturbation,episodes,success_rate,success_low,success_high,mean_return,return_low,"
      "return_high,mean_length,failures\n";
  for (const ordered_json& cell : cells) {
    const auto interval = [&](const char* key, std::size_t i) {
      return cell.at(key).is_null() ? std::string() : cell.at(key).at(i).dump();
    };
    csv += quoted(cell.at("environment").get<std::string>()) + "," +
           quoted(cell.at("policy").get<std::string>()) + "," +
           quoted(cell.at("perturbation").get<std::string>()) + "," + cell.at("episodes").dump() + "," +
           (cell.at("success_rate").is_null() ? "" : cell.at("success_rate").dump()) + "," +
           interval("success_interval", 0) + "," + interval("success_interval", 1) + "," +
           cell.at("mean_return").dump() + "," + interval("return_interval", 0) + "," +
           interval("return_interval", 1) + "," + cell.at("mean_length").dump() + "," +
           quoted(causes_of(cell)) + "\n";
  }
  return csv;
}

/// Success in per cent where there is such a thing, else the mean return.
std::string figure_of(const ordered_json& cell) {
  char text[32];
  const ordered_json& rate = cell.at("success_rate");
  if (rate.is_null()) {
    std::snprintf(text, sizeof text, "%.1f", cell.at("mean_return").get<double>());
  } else {
    std::snprintf(text, sizeof text, "%.1f %%", 100 * rate.get<double>());
  }
  return text;
}

void print_matrix(const Suite& suite, const ordered_json& cells) {
  std::map<std::vector<std::string>, std::string> figures;
  std::size_t width = 6;
  for (const ordered_json& cell : cells) {
    figures[{cell.at("environment").get<std::string>(), cell.at("policy").get<std::string>(),
             cell.at("perturbation").get<std::string>()}] = figure_of(cell);
    width = std::max(width, cell.at("policy").get<std::string>().size());
  }
  for (const std::string& task : suite.tasks) {
    std::printf("%s, %s\n%-*s", task.c_str(), has_success(task) ? "success" : "mean return",
                static_cast<int>(width), "policy");
    for (const Perturbation& one : suite.perturbations)
      std::printf("  %*s", static_cast<int>(std::max<std::size_t>(8, one.name.size())), one.name.c_str());
    std::printf("\n");
    for (const std::string& each : suite.policies) {
      const std::string policy = for_task(each, task);
      std::printf("%-*s", static_cast<int>(width), policy.c_str());
      for (const Perturbation& one : suite.perturbations) {
        const auto found = figures.find({task, policy, one.name});
        std::printf("  %*s", static_cast<int>(std::max<std::size_t>(8, one.name.size())),
                    found == figures.end() ? "-" : found->second.c_str());
      }
      std::printf("\n");
    }
  }
}

}  // namespace

void run_suite(const std::string& file, const std::string& out, EvaluationChoice evaluation, bool json,
               const CellWork& work) {
  const Suite suite = read_suite(file);
  evaluation = chosen(suite, evaluation);
  std::vector<EvaluationCell> cells = cells_of(suite, evaluation, out, work.task);
  const std::size_t all = cells.size();
  handle_interrupts();
  if (!work.task.empty()) {
    work_on_cells(std::move(cells), evaluation, out, work);
    return;
  }
  want_cells_folder(out);
  const DirectoryLock lock(fs::path(out) / ".lock",
                           out + ": another process evaluates a suite in it; wait for its end");
  if (!work.collect) want_nobody_at_work(out);
  ordered_json document = {{"suite", suite.name},
                           {"program", program_version()},
                           {"revision", source_revision()},
                           {"cells", ordered_json::array()}};
  for (const EvaluationCell& cell : work_on_cells(std::move(cells), evaluation, out, work)) {
    ordered_json named = {{"environment", cell.task}, {"perturbation", cell.perturbation}};
    named.update(read_cell(cell));
    document["cells"].push_back(std::move(named));
  }
  durable_write(fs::path(out) / "suite.json", document.dump(2) + "\n");
  durable_write(fs::path(out) / "suite.csv", csv_of(document["cells"]));
  if (json) {
    std::printf("%s\n", document.dump(2).c_str());
    return;
  }
  print_matrix(suite, document["cells"]);
  const std::string left_out =
      document["cells"].size() == all ? "" : std::to_string(document["cells"].size()) + " of ";
  std::printf("%s: %s%zu cells of %d episodes in suite.json and suite.csv\n", out.c_str(), left_out.c_str(),
              all, evaluation.episodes);
}

void plan_suite(const std::string& file, const std::string& out, const EvaluationChoice& given) {
  const Suite suite = read_suite(file);
  const EvaluationChoice evaluation = chosen(suite, given);
  const std::vector<EvaluationCell> cells = cells_of(suite, evaluation, out);
  const std::string text = read_file(file), copy = (fs::path(out) / fs::path(file).filename()).string();
  std::vector<std::string> words{"eval",
                                 "--suite",
                                 copy,
                                 "--out",
                                 out,
                                 "--episodes",
                                 std::to_string(evaluation.episodes),
                                 "--seed",
                                 std::to_string(evaluation.seed),
                                 "--threads",
                                 std::to_string(evaluation.threads)};
  if (!chosen_world().file.empty()) words.insert(words.end(), {"--world", chosen_world().file});
  plan_cells(cells, words, out, evaluation.threads, {copy, text});
}

}  // namespace understudy::tools
