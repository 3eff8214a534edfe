#include "tools/commands/eval_cells.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"
#include "envs/contract/environment.h"
#include "envs/tasks/registry.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/evaluated.h"
#include "tools/console/task_criterion.h"
#include "tools/console/world_option.h"
#include "tools/tasks/task_list.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// What an actor is, for what it does in a task: the policy's bytes, or its name where it is built in.
std::string identity_of(const std::string& policy) {
  if (policy == "expert" || policy == "random") return policy;
  return file_sha256(fs::is_directory(policy) ? fs::path(policy) / "policy.pt" : fs::path(policy));
}

std::string name_of(const EvaluationCell& cell) {
  return cell.task + ", " + cell.policy + (cell.perturbation.empty() ? "" : ", " + cell.perturbation);
}

}  // namespace

CellNames::CellNames(fs::path out) : out_(std::move(out)), processor_(processor_name()) {
  if (!fs::exists(out_ / "plan.json")) return;
  const Plan plan = read_plan(out_);
  want_same_program(plan);
  processor_ = plan.processor;
}

void CellNames::name(EvaluationCell& cell, const EvaluationChoice& evaluation) {
  const EnvironmentSpec spec = make_environment(cell.task)->spec();
  check_fits(cell.randomisation, spec);
  if (identities_.count(cell.policy) == 0) identities_[cell.policy] = identity_of(cell.policy);
  ordered_json all = {{"program", program_version()},
                      {"revision", source_revision()},
                      {"processor", processor_},
                      {"task", spec.id},
                      {"robot", spec.robot_sha256},
                      {"policy", identities_[cell.policy]},
                      {"varied", to_toml(cell.randomisation)},
                      {"seed", evaluation.seed},
                      {"episodes", evaluation.episodes}};
  if (!chosen_world().file.empty()) all["world"] = chosen_world().sha256;
  cell.file = out_ / "cells" / (text_sha256(all.dump()) + ".json");
}

void want_cells_folder(const fs::path& out) {
  if (fs::exists(out) && !(fs::is_directory(out) && (fs::is_empty(out) || fs::exists(out / "cells")))) {
    throw Error(out.string() +
                ": want a new folder or one of a suite, found something else; choose another --out");
  }
  std::error_code error;
  fs::create_directories(out / "cells", error);
  if (error) throw Error(out.string() + ": cannot be made: " + error.message() + "; choose another --out");
}

void evaluate_cell(const EvaluationCell& cell, const EvaluationChoice& evaluation, const std::string& what) {
  if (fs::exists(cell.file)) return;
  const auto outcomes =
      evaluate_policy(what, actor_factory(cell.policy, cell.task), cell.task, cell.randomisation, evaluation);
  ordered_json result = to_json(evaluated(cell.policy, outcomes, evaluation.seed), has_success(cell.task));
  result["made_by"] = ordered_json::parse(maker_json());
  shared_write(cell.file, result.dump() + "\n");
}

ordered_json read_cell(const EvaluationCell& cell) {
  auto result = parsed_json<ordered_json>(read_file(cell.file));
  if (!result.is_object() || !result.contains("outcomes"))
    throw Error(cell.file.string() + ": damaged; remove it and run the same command again");
  result.erase("made_by");
  result["policy"] = cell.policy;  // another of the same bytes may have been evaluated
  return result;
}

std::vector<EpisodeOutcome> outcomes_of(const ordered_json& result) {
  std::vector<EpisodeOutcome> outcomes;
  for (const ordered_json& each : result.at("outcomes")) {
    EpisodeOutcome one{.seed = each.at("seed").get<std::uint64_t>(),
                       .success = each.at("success").is_boolean() && each.at("success").get<bool>(),
                       .episode_return = each.at("return").get<double>(),
                       .best_reward = each.at("best_reward").get<double>(),
                       .length = each.at("length").get<int>(),
                       .terminated = each.at("terminated").get<bool>(),
                       .truncated = each.at("truncated").get<bool>()};
    if (each.at("cause").is_string()) one.cause = each.at("cause").get<std::string>();
    if (each.contains("variation"))
      one.variation = variation_from_json(each.at("variation").dump(), "variation");
    outcomes.push_back(std::move(one));
  }
  return outcomes;
}

CellFilter::CellFilter(const std::string& out, const std::string& task) {
  if (task.empty()) return;
  const auto line = parsed_json<ordered_json>(find_task_line(out, task));
  if (!line.contains("cell") || !line.at("cell").is_array() || line.at("cell").size() != 3)
    throw Error(out + "/tasks.jsonl: want a cell in the line of " + task +
                ", found none; plan again elsewhere");
  names_ = line.at("cell").get<std::vector<std::string>>();
}

bool CellFilter::wants(const std::string& task, const std::string& policy,
                       const std::string& perturbation) const {
  return names_.empty() || names_ == std::vector{task, policy, perturbation};
}

std::vector<EvaluationCell> work_on_cells(std::vector<EvaluationCell> cells,
                                          const EvaluationChoice& evaluation, const std::string& out,
                                          const CellWork& work) {
  if (!work.task.empty()) {
    std::erase_if(cells, [&](const EvaluationCell& cell) { return cell.id() != work.task; });
    if (cells.empty())
      throw Error(
          out + ": want the cell " + work.task +
          ", found none of that name; a policy or a file has changed since it was planned: plan again "
          "into another folder");
    evaluate_cell(cells.front(), evaluation, name_of(cells.front()));
    return cells;
  }
  const auto is_there = [](const EvaluationCell& cell) { return fs::exists(cell.file); };
  double done = static_cast<double>(std::count_if(cells.begin(), cells.end(), is_there));
  const std::string of_all = " of " + std::to_string(cells.size());
  if (work.collect) {
    const auto missing = std::find_if_not(cells.begin(), cells.end(), is_there);
    if (missing != cells.end() && !work.partial)
      throw Error(out + ": " + std::to_string(cells.size() - static_cast<std::size_t>(done)) + of_all +
                  " results are missing, the first: " + name_of(*missing) + "; `understudy work " + out +
                  "` goes on, --partial leaves them out");
    std::erase_if(cells, std::not_fn(is_there));
    return cells;
  }
  Progress progress("suite", static_cast<double>(cells.size()), "cells", done);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (is_there(cells[i])) continue;
    const std::string number = "cell " + std::to_string(i + 1) + of_all;
    try {
      evaluate_cell(cells[i], evaluation, number + ": " + name_of(cells[i]));
      progress.update(++done);
    } catch (const Interrupted&) {
      throw Interrupted("stopped in " + number + "; those before are kept in " + out +
                        ", run the same command again to go on");
    }
  }
  return cells;
}

void plan_cells(const std::vector<EvaluationCell>& cells, const std::vector<std::string>& command,
                const std::string& out, int threads, const KeptFile& kept) {
  std::string lines, ids;
  std::set<std::string> known;  // policies of the same bytes share a result
  for (const EvaluationCell& cell : cells) {
    if (!known.insert(cell.id()).second) continue;
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--task", cell.id()});
    const ordered_json line{
        {"version", kTasksVersion},     {"id", cell.id()},
        {"arguments", arguments},       {"folder", fs::current_path().string()},
        {"result", cell.file.string()}, {"cell", {cell.task, cell.policy, cell.perturbation}}};
    lines += line.dump() + "\n";
    ids += cell.id();
  }
  write_plan({.command = command,
              .folder = fs::current_path(),
              .out = out,
              .threads = threads,
              .content = text_sha256(kept.content + ids),
              .program = program_version(),
              .revision = source_revision(),
              .processor = processor_name()});
  fs::create_directories(fs::path(out) / "cells");
  if (!kept.name.empty()) shared_write(kept.name, kept.content);
  shared_write(fs::path(out) / "tasks.jsonl", lines);
  std::printf("%s: %zu tasks; `understudy work %s` does them, on every machine that sees the folder\n",
              out.c_str(), known.size(), out.c_str());
}

}  // namespace understudy::tools
