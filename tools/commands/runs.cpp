// `understudy runs`: finished training runs side by side.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "tools/commands/command.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> runs;
  bool csv = false;
};

/// One line of the table; empty where a run does not say.
struct Row {
  std::string run, environment, learner, rl, demonstrations, seed, trained, kept, minutes, success, expert,
      episode_return, middle, low, high, share, distance;
};

std::string number(const ordered_json& value, const char* format) {
  if (!value.is_number()) return "";
  char text[40];
  std::snprintf(text, sizeof text, format, value.get<double>());
  return text;
}

ordered_json at(const ordered_json& document, const std::string& pointer) {
  const ordered_json::json_pointer path(pointer);
  return document.contains(path) ? document.at(path) : ordered_json();
}

Row read_run(const std::string& run) {
  const std::string file = run + "/manifest.json";
  if (!std::filesystem::exists(file)) {
    throw Error(run + ": want a run directory, found no manifest.json in it; `understudy train` makes one");
  }
  const ordered_json manifest = parsed_json<ordered_json>(read_file(file));
  if (manifest.is_discarded()) throw Error(file + ": damaged; train again, or restore the run from a copy");
  Row row;
  row.run = run;
  row.environment =
      at(manifest, "/environment").is_string() ? manifest.at("environment").get<std::string>() : "";
  row.learner = at(manifest, "/learner").is_string() ? manifest.at("learner").get<std::string>() : "";
  const ordered_json rl = at(manifest, "/config/rl");
  if (rl.is_string() && rl != row.learner) row.rl = rl.get<std::string>();
  if (at(manifest, "/config/random-control") == true) row.learner += " (random control)";
  row.demonstrations =
      number(at(manifest, row.learner == "bc" ? "/dataset/training_episodes" : "/dataset/episodes"), "%.0f");
  row.seed = number(at(manifest, "/seed"), "%.0f");
  // Epochs of cloning, rounds of DAgger, steps of the others.
  for (const auto& [trained, kept] :
       {std::pair{"/config/epochs", "/result/best_epoch"}, std::pair{"/config/rounds", "/result/best_round"},
        std::pair{"/config/steps", "/result/steps"}}) {
    if (!at(manifest, kept).is_number()) continue;
    row.trained = number(at(manifest, trained), "%.0f");
    row.kept = number(at(manifest, kept), "%.0f");
  }
  const ordered_json seconds = at(manifest, "/result/seconds");
  if (seconds.is_number()) row.minutes = number(seconds.get<double>() / 60, "%.1f");
  const ordered_json success = at(manifest, "/result/success_rate");
  if (success.is_number()) row.success = number(100 * success.get<double>(), "%.1f");
  // What was written before there was a null for it says 0.
  if (manifest.contains("result") && !has_success(row.environment)) row.success = "-";
  const ordered_json expert = at(manifest, "/dataset/mean_return");
  row.expert = number(expert, "%.1f");
  row.episode_return = number(at(manifest, "/result/mean_return"), "%.1f");
  row.middle = number(at(manifest, "/result/middle_return"), "%.1f");
  row.low = number(at(manifest, "/result/middle_interval/0"), "%.1f");
  row.high = number(at(manifest, "/result/middle_interval/1"), "%.1f");
  const ordered_json middle = at(manifest, "/result/middle_return");
  if (expert.is_number() && middle.is_number() && expert.get<double>() > 0) {
    row.share = number(middle.get<double>() / expert.get<double>(), "%.3f");
  }
  row.distance = number(at(manifest, "/result/distance"), "%.3f");
  return row;
}

void print(const Options& options) {
  std::vector<std::vector<std::string>> table{{"run", "task", "learner", "rl", "demos", "seed", "trained",
                                               "kept", "minutes", "success %", "expert", "return", "IQM",
                                               "low", "high", "share", "W1"}};
  for (const std::string& run : options.runs) {
    const Row r = read_run(run);
    table.push_back({r.run, r.environment, r.learner, r.rl, r.demonstrations, r.seed, r.trained, r.kept,
                     r.minutes, r.success, r.expert, r.episode_return, r.middle, r.low, r.high, r.share,
                     r.distance});
  }
  std::vector<std::size_t> widths(table.front().size());
  for (const auto& line : table) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : table) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (options.csv) {
        text += (i == 0 ? "" : ",") + line[i];
      } else {
        text += (i == 0 ? "" : "  ") + line[i] + std::string(widths[i] - line[i].size(), ' ');
      }
    }
    std::printf("%s\n", text.c_str());
  }
}

}  // namespace

void add_runs(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "runs",
      "Finished training runs side by side: share of the expert's return, distance to it, steps, time");
  command->add_option("runs", options->runs, "Run directories")->required();
  command->add_flag("--csv", options->csv, "Comma-separated");
  command->callback([options] { print(*options); });
}

}  // namespace understudy::tools
