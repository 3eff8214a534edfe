#pragma once
/// \file Runs, evaluations, suites and data sets as one page to look at in a browser, without a network.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/media/policy_ways.h"

namespace understudy::tools {

struct RunReportOptions {
  WayOptions ways{};
  int video_limit = 30;  ///< MB
  std::string title{};   ///< empty: the sources' names
};

class RunReport {
 public:
  /// Reads everything once: run directories (or folders of them), .json of evaluations and suites, .h5 data sets, in
  /// whose task the runs of that task act, the first of each group. Throws Error for what is none of these or damaged;
  /// Interrupted after Ctrl-C.
  RunReport(const std::vector<std::string>& sources, const RunReportOptions& options);

  /// The page. With `live`, runs are read again, and the page asks for /data now and then.
  std::string page(bool live);
  /// The groups of runs as they are now, as text for the page's script (see run_groups). A run that appeared in a folder is
  /// taken in.
  std::string groups();

 private:
  /// Reads the runs again where one of their files has changed.
  const nlohmann::ordered_json& read_groups();

  std::vector<std::filesystem::path> folders_;
  std::string state_;  ///< of the runs' files when they were read
  nlohmann::ordered_json groups_ = nlohmann::ordered_json::array();
  nlohmann::ordered_json data_;
};

}  // namespace understudy::tools
