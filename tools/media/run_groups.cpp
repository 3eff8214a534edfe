#include "tools/media/run_groups.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "envs/rollouts/intervals.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostPoints = 400;  // of a curve
constexpr int kResamples = 500;

/// Say where, how fast or which of several equal runs, not what was trained.
const std::set<std::string> kNotOfTheKind{"out",      "seed",   "threads", "blas-threads", "image-memory",
                                          "learner",  "reward", "env",     "settings",     "rl",
                                          "episodes", "device", "data",    "randomise",    "plugin"};

/// Learners have their own words for the same.
std::string figure_name(const std::string& column) {
  static const std::map<std::string, std::string> kNames{
      {"eval_return", "mean_return"}, {"eval_success", "success_rate"}, {"eval_length", "mean_length"}};
  const auto name = kNames.find(column);
  return name == kNames.end() ? column : name->second;
}

/// metrics.csv, of which a training run may be writing the last line.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;  // NaN where a cell is empty
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> list;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) list.push_back(cell);
  if (line.ends_with(',')) list.emplace_back();
  return list;
}

Table read_table(const fs::path& file) {
  Table table;
  if (!fs::exists(file)) return table;
  std::istringstream text(read_file(file));
  std::string line;
  if (!std::getline(text, line)) return table;
  table.columns = cells(line);
  while (std::getline(text, line)) {
    const bool whole = !text.eof();
    std::vector<double> row;
    for (const std::string& cell : cells(line)) {
      char* end = nullptr;
      const double value = std::strtod(cell.c_str(), &end);
      row.push_back(end == cell.c_str() ? kNothing : value);
    }
    if (whole && row.size() == table.columns.size()) table.rows.push_back(std::move(row));
  }
  return table;
}

struct Run {
  std::string name;
  ordered_json manifest;
  std::map<std::string, std::string> options;  // of its kind, as text
  Table table;
};

ordered_json at(const ordered_json& document, const char* pointer) {
  const ordered_json::json_pointer path(pointer);
  return document.contains(path) ? document.at(path) : ordered_json();
}

std::string text_at(const ordered_json& document, const char* pointer) {
  const ordered_json value = at(document, pointer);
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

double number_at(const ordered_json& document, const char* pointer) {
  const ordered_json value = at(document, pointer);
  return value.is_number() ? value.get<double>() : kNothing;
}

void take_options(const ordered_json& config, std::map<std::string, std::string>& options) {
  for (const auto& [name, value] : config.items()) {
    if (value.is_object()) take_options(value, options);
    if (kNotOfTheKind.contains(name) || value.is_structured() || value.is_null()) continue;
    options[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
}

Run read_run(const fs::path& path) {
  Run run;
  run.name = path.string();
  const std::string file = (path / "manifest.json").string();
  run.manifest = parsed_json<ordered_json>(read_file(file));
  if (!run.manifest.is_object()) throw Error(file + ": damaged; train again, or restore the run from a copy");
  run.options["learner"] = text_at(run.manifest, "/learner");
  take_options(at(run.manifest, "/config"), run.options);
  const std::string rl = text_at(run.manifest, "/config/rl");
  if (!rl.empty() && rl != run.options["learner"]) run.options["rl"] = rl;
  // A data set is its content: where it lay is no difference.
  const std::string data = text_at(run.manifest, "/dataset/sha256");
  if (!data.empty()) {
    run.options["data"] =
        fs::path(text_at(run.manifest, "/dataset/path")).filename().string() + " " + data.substr(0, 8);
  }
  const std::string varied = text_at(run.manifest, "/config/randomise");
  if (!varied.empty()) run.options["randomise"] = fs::path(varied).filename().string();
  run.table = read_table(path / "metrics.csv");
  return run;
}

ordered_json number_or_null(double value) {
  return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

/// What says little is left out where there are too many: an evaluation says much.
std::vector<std::size_t> shown_rows(const Table& table) {
  const std::size_t every = table.rows.size() / kMostPoints + 1;
  const auto found = std::find_if(table.columns.begin(), table.columns.end(), [](const std::string& column) {
    return figure_name(column) == "mean_return";
  });
  const auto judged = static_cast<std::size_t>(found - table.columns.begin());
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i % every == 0 || i + 1 == table.rows.size() ||
        (judged < table.columns.size() && std::isfinite(table.rows[i][judged])))
      shown.push_back(i);
  }
  return shown;
}

ordered_json run_json(const Run& run) {
  const ordered_json& m = run.manifest;
  ordered_json metrics = ordered_json::object();
  for (std::size_t column = 0; column < run.table.columns.size(); ++column) {
    auto values = ordered_json::array();
    for (const std::size_t row : shown_rows(run.table))
      values.push_back(number_or_null(run.table.rows[row][column]));
    metrics[column == 0 ? "x" : figure_name(run.table.columns[column])] = std::move(values);
  }
  ordered_json json{
      {"name", run.name}, {"seed", at(m, "/seed")}, {"finished", m.contains("result")}, {"metrics", metrics}};
  for (const char* member :
       {"result", "dataset", "program_version", "revision", "compiler", "libraries", "processor", "blas"})
    json[member] = m.contains(member) ? m.at(member) : ordered_json();
  json["options"] = at(m, "/config");
  return json;
}

/// At each count of units, of the runs that have come so far.
ordered_json curves_json(const std::vector<Run>& runs) {
  std::map<std::string, std::map<double, std::vector<double>>> figures;
  for (const Run& run : runs) {
    for (const std::size_t row : shown_rows(run.table)) {
      for (std::size_t column = 1; column < run.table.columns.size(); ++column) {
        const double value = run.table.rows[row][column];
        if (std::isfinite(value))
          figures[figure_name(run.table.columns[column])][run.table.rows[row][0]].push_back(value);
      }
    }
  }
  ordered_json json = ordered_json::object();
  for (const auto& [name, points] : figures) {
    ordered_json curve{{"x", {}}, {"middle", {}}, {"low", {}}, {"high", {}}, {"seeds", {}}};
    for (const auto& [x, values] : points) {
      const InterquartileMean middle = interquartile_mean(values, 1, values.size() > 1 ? kResamples : 1);
      curve["x"].push_back(x);
      curve["middle"].push_back(middle.value);
      curve["low"].push_back(middle.interval.low);
      curve["high"].push_back(middle.interval.high);
      curve["seeds"].push_back(values.size());
    }
    json[name] = std::move(curve);
  }
  return json;
}

/// Over the finished seeds; of a single one its own interval over episodes.
ordered_json final_json(const std::vector<Run>& runs, const char* figure, const char* interval) {
  std::vector<double> values;
  const ordered_json* single = nullptr;
  for (const Run& run : runs) {
    const double value = number_at(run.manifest, figure);
    if (!std::isfinite(value)) continue;
    values.push_back(value);
    single = &run.manifest;
  }
  if (values.empty()) return nullptr;
  const InterquartileMean middle = interquartile_mean(values, 1, values.size() > 1 ? kResamples : 1);
  ordered_json span = {middle.interval.low, middle.interval.high};
  if (values.size() == 1) span = at(*single, interval);
  return {{"value", middle.value}, {"interval", span}, {"seeds", values.size()}};
}

struct Group {
  std::vector<Run> runs;
  std::string environment;
  ordered_json success, episode_return;
};

bool better(const Group& a, const Group& b) {
  if (a.environment != b.environment) return a.environment < b.environment;
  const auto value = [](const ordered_json& figure) {
    return figure.is_null() ? -std::numeric_limits<double>::infinity() : figure.at("value").get<double>();
  };
  if (value(a.success) != value(b.success)) return value(a.success) > value(b.success);
  return value(a.episode_return) > value(b.episode_return);
}

/// What tells each group from the others of its task.
ordered_json differing_options(const Group& group, const std::vector<Group>& groups) {
  ordered_json differing = ordered_json::object();
  for (const auto& [name, value] : group.runs.front().options) {
    const bool same =
        std::all_of(groups.begin(), groups.end(), [&, &option = name, &mine = value](const Group& other) {
          if (other.environment != group.environment) return true;
          const auto& options = other.runs.front().options;
          // Another learner's options are no difference by themselves: its name says it.
          if (options.at("learner") != group.runs.front().options.at("learner") && option != "learner")
            return true;
          const auto found = options.find(option);
          return found != options.end() && found->second == mine;
        });
    if (!same) differing[name] = value;
  }
  return differing;
}

}  // namespace

std::vector<fs::path> runs_in(const fs::path& path) {
  std::vector<fs::path> runs;
  const auto look = [&runs](const auto& self, const fs::path& folder, int depth) -> void {
    if (fs::exists(folder / "manifest.json")) {
      runs.push_back(folder);
      return;
    }
    if (depth == 0) return;
    std::error_code error;
    std::vector<fs::path> inner;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.is_directory(error)) inner.push_back(entry.path());
    }
    std::sort(inner.begin(), inner.end());
    for (const fs::path& each : inner) self(self, each, depth - 1);
  };
  look(look, path, 2);
  if (runs.empty()) {
    throw Error(
        path.string() +
        ": want a run directory or a folder of them, found no manifest.json; `understudy train` makes one");
  }
  return runs;
}

ordered_json run_groups(const std::vector<fs::path>& paths) {
  std::map<std::pair<std::string, std::map<std::string, std::string>>, Group> kinds;
  for (const fs::path& path : paths) {
    Run run = read_run(path);
    const std::string environment = text_at(run.manifest, "/environment");
    Group& group = kinds[{environment, run.options}];
    group.environment = environment;
    group.runs.push_back(std::move(run));
  }
  std::vector<Group> groups;
  for (auto& [kind, group] : kinds) {
    std::stable_sort(group.runs.begin(), group.runs.end(), [](const Run& a, const Run& b) {
      return number_at(a.manifest, "/seed") < number_at(b.manifest, "/seed");
    });
    group.success = final_json(group.runs, "/result/success_rate", "/result/success_interval");
    group.episode_return = final_json(group.runs, "/result/mean_return", "/result/return_interval");
    groups.push_back(std::move(group));
  }
  std::stable_sort(groups.begin(), groups.end(), better);
  auto list = ordered_json::array();
  for (const Group& group : groups) {
    const ordered_json differing = differing_options(group, groups);
    const auto& options = group.runs.front().options;
    std::string label = options.at("learner");
    if (const auto rl = options.find("rl"); rl != options.end()) label += "+" + rl->second;
    for (const auto& [name, value] : differing.items()) {
      if (name == "learner" || name == "rl") continue;
      std::string text = value.get<std::string>();
      if (name == "data") text = text.substr(0, text.rfind(' '));
      if (name == "demos" && text == "0") text = "all";
      label += ", " + name + " " + (text.empty() ? "none" : text);
    }
    std::string unit = group.runs.front().table.columns.empty() ? "" : group.runs.front().table.columns[0];
    if (unit == "epoch" || unit == "round") unit += "s";
    auto runs = ordered_json::array();
    for (const Run& run : group.runs) runs.push_back(run_json(run));
    list.push_back({{"label", label},
                    {"environment", group.environment},
                    {"judged", has_success(group.environment)},
                    {"unit", unit},
                    {"differing", differing},
                    {"runs", std::move(runs)},
                    {"curves", curves_json(group.runs)},
                    {"success", group.success},
                    {"return", group.episode_return},
                    {"expert", at(group.runs.front().manifest, "/dataset/mean_return")}});
  }
  return list;
}

}  // namespace understudy::tools
