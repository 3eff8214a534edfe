#include "tools/sweeps/sweep_task.h"

#include <algorithm>

#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "tools/console/world_option.h"
#include "tools/tasks/task_list.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string digest(const std::vector<std::string>& words) {
  return text_sha256(ordered_json(words).dump()).substr(0, 16);
}

ordered_json manifest_of(const fs::path& run) {
  if (!fs::exists(run / "manifest.json")) return {};
  return parsed_json<ordered_json>(read_file(run / "manifest.json"));
}

}  // namespace

SweepTask make_task(const SweepPlan& plan, const fs::path& sweep, const Configuration& configuration,
                    std::uint64_t seed, std::optional<int> budget) {
  SweepTask task;
  task.folder = fs::current_path().string();
  task.train = plan.command;
  for (std::size_t i = 0; i < configuration.size(); ++i)
    task.train.push_back("--" + plan.options[i].name + "=" + configuration[i]);
  task.train.push_back("--seed=" + std::to_string(seed));
  const bool threads = std::any_of(task.train.begin(), task.train.end(),
                                   [](const std::string& word) { return word.starts_with("--threads"); });
  if (!threads) task.train.emplace_back("--threads=1");  // there are other trials beside it
  // Steps can be added to a run, unless it has learnt less and less over them; epochs cannot.
  const bool decays = std::any_of(task.train.begin(), task.train.end(),
                                  [](const std::string& word) { return word.starts_with("--decay"); });
  const bool goes_on = budget && plan.budget.option == "steps" && !decays;
  std::string name = digest(task.train);
  if (budget) {
    task.train.push_back("--" + plan.budget.option + "=" + std::to_string(*budget));
    if (goes_on) task.steps = budget;
  }
  task.id = digest(task.train);
  if (!goes_on) name = task.id;
  task.run = sweep / "trials" / name;
  task.result = sweep / "results" / (task.id + ".json");
  task.train.push_back("--out=" + task.run.string());
  return task;
}

std::string task_line(const SweepTask& task, const fs::path& sweep) {
  ordered_json line{{"version", kTasksVersion},
                    {"id", task.id},
                    {"arguments", {"sweep", "--out", sweep.string(), "--task", task.id}},
                    {"folder", task.folder},
                    {"result", task.result.string()},
                    {"run", task.run.string()},
                    {"train", task.train}};
  line["steps"] = task.steps ? ordered_json(*task.steps) : ordered_json();
  return line.dump() + "\n";
}

SweepTask read_task(const fs::path& sweep, const std::string& id) {
  try {
    const auto line = parsed_json<ordered_json>(find_task_line(sweep, id));
    if (line.at("version") != kTasksVersion)
      throw Error((sweep / "tasks.jsonl").string() + ": want lines of version " +
                  std::to_string(kTasksVersion) + ", found " + line.at("version").dump() +
                  "; run the sweep again, which writes it anew");
    SweepTask task{id,
                   line.at("train").get<std::vector<std::string>>(),
                   line.at("run").get<std::string>(),
                   line.at("result").get<std::string>(),
                   line.at("folder").get<std::string>(),
                   {}};
    if (line.at("steps").is_number()) task.steps = line.at("steps").get<int>();
    return task;
  } catch (const ordered_json::exception& error) {
    throw Error((sweep / "tasks.jsonl").string() + ": cannot be read: " + reason_of(error) +
                "; run the sweep again, which writes it anew");
  }
}

std::vector<std::string> next_arguments(const SweepTask& task) {
  if (!fs::exists(task.run / "checkpoints" / "last.ckpt")) {
    std::vector<std::string> words = task.train;
    words.emplace_back("--force");  // what was killed while it was being made is in the way
    return words;
  }
  std::vector<std::string> words{"resume", task.run.string()};
  const ordered_json manifest = manifest_of(task.run);
  const ordered_json::json_pointer steps("/config/steps");
  if (task.steps && manifest.is_object() && manifest.contains(steps) && manifest.at(steps) < *task.steps)
    words.push_back("--steps=" + std::to_string(*task.steps));
  for (const std::string& word : world_words(task.train)) words.push_back(word);
  return words;
}

bool keep_result(const SweepTask& task) {
  const ordered_json manifest = manifest_of(task.run);
  if (!manifest.is_object() || !manifest.contains("result")) return false;
  ordered_json result = manifest.at("result");
  result.erase("seconds");
  const ordered_json document{
      {"id", task.id}, {"made_by", ordered_json::parse(maker_json())}, {"result", result}};
  shared_write(task.result, document.dump(2) + "\n");
  return true;
}

std::optional<ordered_json> result_of(const SweepTask& task) {
  if (!fs::exists(task.result)) return std::nullopt;
  const auto document = parsed_json<ordered_json>(read_file(task.result));
  if (!document.is_object() || !document.contains("result") || !document.at("result").is_object())
    throw Error(task.result.string() + ": damaged; remove it and run the sweep again");
  return document.at("result");
}

}  // namespace understudy::tools
