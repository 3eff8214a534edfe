#include "tools/media/run_report.h"

#include <ctime>
#include <system_error>
#include <utility>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/console/task_criterion.h"
#include "tools/media/embedded_page.h"
#include "tools/media/evaluation_records.h"
#include "tools/media/run_groups.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::size_t kMostActing = 6;  // kinds of run that act beside a data set

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm broken_down{};
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", localtime_r(&seconds, &broken_down));
  return text;
}

}  // namespace

RunReport::RunReport(const std::vector<std::string>& sources, const RunReportOptions& options) {
  auto evaluations = ordered_json::array();
  MediaBudget budget{static_cast<std::uintmax_t>(options.video_limit) * 1'000'000};
  std::vector<fs::path> datasets;
  for (const std::string& source : sources) {
    const fs::path path = source;
    const std::string ending = path.extension().string();
    if (!fs::exists(path)) throw Error(source + ": no such file or directory; check the path");
    if (fs::is_directory(path)) {
      folders_.push_back(path);
    } else if (ending == ".json") {
      evaluations.push_back(evaluation_record(path, budget));
    } else if (ending == ".h5" || ending == ".hdf5") {
      datasets.push_back(path);
    } else {
      throw Error(source +
                  ": want a run directory, .json of `understudy eval` or a suite, or a data set (.h5), "
                  "found none of these");
    }
  }
  const ordered_json& groups = read_groups();
  auto ways = ordered_json::array();
  for (const fs::path& dataset : datasets) {
    std::vector<std::pair<std::string, std::string>> policies;
    const std::string task = DemonstrationReader(dataset).header().environment_id;
    for (const ordered_json& group : groups) {
      const fs::path run = group.at("runs").front().at("name").get<std::string>();
      if (group.at("environment") == task && fs::exists(run / "policy.pt") && policies.size() < kMostActing &&
          options.ways.episodes > 0)
        policies.emplace_back(group.at("label").get<std::string>(), run.string());
    }
    ways.push_back(policy_ways(dataset, policies, options.ways));
    ways.back()["judged"] = has_success(task);
  }
  std::string title = options.title;
  if (title.empty()) {
    const fs::path first = fs::path(sources.front()).lexically_normal();
    title = (first.has_filename() ? first : first.parent_path()).filename().string();
    if (sources.size() > 1) title += " and " + std::to_string(sources.size() - 1) + " more";
  }
  data_ = {
      {"title", title}, {"made", now()},    {"program", program_version()}, {"revision", source_revision()},
      {"live", false},  {"groups", groups}, {"evaluations", evaluations},   {"ways", ways}};
}

const ordered_json& RunReport::read_groups() {
  std::vector<fs::path> runs;
  for (const fs::path& folder : folders_) {
    for (const fs::path& run : runs_in(folder)) runs.push_back(run);
  }
  std::string state;
  for (const fs::path& run : runs) {
    for (const char* name : {"manifest.json", "metrics.csv"}) {
      std::error_code error;  // of a file that is not there yet
      const auto time = fs::last_write_time(run / name, error).time_since_epoch().count();
      const auto size = fs::file_size(run / name, error);
      state += run.string() + " " + std::to_string(time) + " " + std::to_string(size) + "\n";
    }
  }
  if (state != state_) {
    groups_ = run_groups(runs);
    state_ = std::move(state);
  }
  return groups_;
}

std::string RunReport::page(bool live) {
  data_["live"] = live;
  if (live) data_["groups"] = read_groups();
  return page_with(kRunPage, data_);
}

std::string RunReport::groups() {
  return script_text(read_groups());
}

}  // namespace understudy::tools
