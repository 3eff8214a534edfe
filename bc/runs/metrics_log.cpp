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

void MetricsLog::open(const RunDirectory& directory, int steps) {
  events_.emplace(directory.path(), steps);
}

void MetricsLog::write(const RunDirectory& directory, int steps, const Metrics& metrics) {
  std::string header;
  std::string line;
  for (const auto& [name, value] : metrics.values()) {
    header += (header.empty() ? "" : ",") + name;
    line += (line.empty() ? "" : ",") + (std::isfinite(value) ? printed(value) : "");
    if (std::isfinite(value) && name != "steps") {
      const bool evaluation = name.rfind("eval_", 0) == 0;
      events_->scalar((evaluation ? "rollout/" : "train/") + name, steps, static_cast<float>(value));
    }
  }
  if (csv_.empty()) csv_ = header + "\n";
  csv_ += line + "\n";
  directory.write("metrics.csv", csv_);
}

}  // namespace understudy
