// `understudy eval --suite`: tasks x policies x perturbations, a cell at a time.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"
#include "envs/contract/environment.h"
#include "envs/tasks/registry.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/suite_file.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// One combination, and the file that its result is or will be in.
struct Cell {
  std::string task, policy, perturbation;
  Randomisation randomisation;
  fs::path file;
};

/// What an actor is, for what it does in a task: the policy's bytes, or its name where it is built in.
std::string identity_of(const std::string& policy) {
  if (policy == "expert" || policy == "random") return policy;
  return file_sha256(fs::is_directory(policy) ? fs::path(policy) / "policy.pt" : fs::path(policy));
}

/// Of everything that a cell's result depends on.
std::string digest_of(const Cell& cell, const EnvironmentSpec& spec, const std::string& policy,
                      const EvaluationChoice& evaluation) {
  const ordered_json all = {{"program", program_version()},
                            {"revision", source_revision()},
                            {"processor", processor_name()},
                            {"task", spec.id},
                            {"robot", spec.robot_sha256},
                            {"policy", policy},
                            {"varied", to_toml(cell.randomisation)},
                            {"seed", evaluation.seed},
                            {"episodes", evaluation.episodes}};
  return text_sha256(all.dump());
}

/// Every cell, task by task; whatever is wrong with one is found now.
std::vector<Cell> cells_of(const Suite& suite, const EvaluationChoice& evaluation, const fs::path& folder) {
  std::vector<Cell> cells;
  std::map<std::string, std::string> identities;
  for (const std::string& task : suite.tasks) {
    warn_about_robot(task);
    const EnvironmentSpec spec = make_environment(task)->spec();
    for (const std::string& each : suite.policies) {
      const std::string policy = for_task(each, task);
      if (policy == "expert" && !has_expert(task))
        throw UsageError(suite.name + ": " + task + " has no expert; leave \"expert\" out of policies");
      actor_factory(policy, task);
      if (identities.count(policy) == 0) identities[policy] = identity_of(policy);
      for (const Perturbation& perturbation : suite.perturbations) {
        Cell cell{task, policy, perturbation.name, randomisation_of(perturbation, task), {}};
        try {
          check_fits(cell.randomisation, spec);
        } catch (const UsageError& error) {
          throw UsageError("perturbations." + perturbation.name + ", " + task + ": " + error.what());
        }
        cell.file = folder / (digest_of(cell, spec, identities[policy], evaluation) + ".json");
        cells.push_back(std::move(cell));
      }
    }
  }
  return cells;
}

/// Makes the folder, unless something else is in it.
void want_suite_folder(const fs::path& folder) {
  if (fs::exists(folder) &&
      !(fs::is_directory(folder) && (fs::is_empty(folder) || fs::exists(folder / "cells")))) {
    throw Error(folder.string() +
                ": want a new folder or one of a suite, found something else; choose another --out");
  }
  std::error_code error;
  fs::create_directories(folder / "cells", error);
  if (error) throw Error(folder.string() + ": cannot be made: " + error.message() + "; choose another --out");
}

/// The cell's result, which is evaluated unless it is there.
ordered_json result_of(const Cell& cell, const EvaluationChoice& evaluation, const std::string& what) {
  if (!fs::exists(cell.file)) {
    const auto outcomes = evaluate_policy(what, actor_factory(cell.policy, cell.task), cell.task,
                                          cell.randomisation, evaluation);
    durable_write(
        cell.file,
        to_json(evaluated(cell.policy, outcomes, evaluation.seed), has_success(cell.task)).dump() + "\n");
  }
  const auto result = parsed_json<ordered_json>(read_file(cell.file));
  if (!result.is_object() || !result.contains("outcomes"))
    throw Error(cell.file.string() + ": damaged; remove it and run the same command again");
  ordered_json named = {{"environment", cell.task}, {"perturbation", cell.perturbation}};
  named.update(result);
  named["policy"] = cell.policy;  // another of the same bytes may have been evaluated
  return named;
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
  std::size_t width = 6;
  for (const ordered_json& cell : cells) width = std::max(width, cell.at("policy").get<std::string>().size());
  std::size_t next = 0;
  for (const std::string& task : suite.tasks) {
    std::printf("%s, %s\n%-*s", task.c_str(), has_success(task) ? "success" : "mean return",
                static_cast<int>(width), "policy");
    for (const Perturbation& one : suite.perturbations)
      std::printf("  %*s", static_cast<int>(std::max<std::size_t>(8, one.name.size())), one.name.c_str());
    std::printf("\n");
    for (std::size_t i = 0; i < suite.policies.size(); ++i) {
      std::printf("%-*s", static_cast<int>(width), cells.at(next).at("policy").get<std::string>().c_str());
      for (const Perturbation& one : suite.perturbations)
        std::printf("  %*s", static_cast<int>(std::max<std::size_t>(8, one.name.size())),
                    figure_of(cells.at(next++)).c_str());
      std::printf("\n");
    }
  }
}

}  // namespace

void run_suite(const std::string& file, const std::string& out, EvaluationChoice evaluation, bool json) {
  const Suite suite = read_suite(file);
  evaluation.episodes = suite.episodes.value_or(evaluation.episodes);
  evaluation.seed = suite.seed.value_or(evaluation.seed);
  const std::vector<Cell> cells = cells_of(suite, evaluation, fs::path(out) / "cells");
  want_suite_folder(out);
  const DirectoryLock lock(fs::path(out) / ".lock",
                           out + ": another process evaluates a suite in it; wait for its end");
  handle_interrupts();
  ordered_json document = {{"suite", suite.name},
                           {"program", program_version()},
                           {"revision", source_revision()},
                           {"cells", ordered_json::array()}};
  const auto there =
      std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return fs::exists(cell.file); });
  Progress progress("suite", static_cast<double>(cells.size()), "cells", static_cast<double>(there));
  double done = static_cast<double>(there);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    const bool known = fs::exists(cell.file);
    const std::string what = "cell " + std::to_string(i + 1) + " of " + std::to_string(cells.size()) + ": " +
                             cell.task + ", " + cell.policy + ", " + cell.perturbation;
    try {
      document["cells"].push_back(result_of(cell, evaluation, what));
      if (!known) progress.update(++done);
    } catch (const Interrupted&) {
      throw Interrupted("stopped in cell " + std::to_string(i + 1) + " of " + std::to_string(cells.size()) +
                        "; those before are kept in " + out + ", run the same command again to go on");
    }
  }
  durable_write(fs::path(out) / "suite.json", document.dump(2) + "\n");
  durable_write(fs::path(out) / "suite.csv", csv_of(document["cells"]));
  if (json) {
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    print_matrix(suite, document["cells"]);
    std::printf("%s: %zu cells of %d episodes in suite.json and suite.csv\n", out.c_str(), cells.size(),
                evaluation.episodes);
  }
}

}  // namespace understudy::tools
