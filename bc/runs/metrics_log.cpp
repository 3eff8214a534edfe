#include "bc/runs/metrics_log.h"

#include <cmath>
#include <cstdio>

namespace understudy {
namespace {

std::string printed(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

}  // namespace

void CsvFile::add(const RunDirectory& directory, const std::string& header, const std::string& line) {
  text_ += (text_.empty() ? header + "\n" : "") + line + "\n";
  directory.append(name_, header, line);
}

void MetricsLog::open(const RunDirectory& directory, int count,
                      const nlohmann::ordered_json& hyperparameters) {
  csv_.open(directory);
  events_.emplace(directory.path(), count);
  events_->begin_session(hyperparameters);
}

void MetricsLog::write(const RunDirectory& directory, int count, const Metrics& metrics) {
  std::string header;
  std::string line;
  for (const auto& [name, value] : metrics.values()) {
    const bool finite = std::isfinite(value);
    header += (header.empty() ? "" : ",") + name;
    line += (line.empty() ? "" : ",") + (finite ? printed(value) : "");
    if (const std::string tag = metrics.tag(name); finite && !tag.empty()) {
      events_->scalar(tag, count, static_cast<float>(value));
    }
  }
  csv_.add(directory, header, line);
}

}  // namespace understudy
