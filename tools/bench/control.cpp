// How punctual the control loop is: a synthetic operator drives and is recorded in
// real time, without drawing.

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

#include "capture/devices/synthetic.h"
#include "capture/recording/recorder.h"
#include "datasets/types/version.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"
#include "tools/console/console.h"
#include "tools/console/task_header.h"

namespace understudy::bench {
namespace {

/// A folder that vanishes with its contents.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(std::filesystem::temp_directory_path() / ("understudy-bench-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Smallest value that `share` of the sorted `values` do not exceed.
double quantile(const std::vector<double>& values, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

}  // namespace

std::vector<Measurement> bench_control(const Options& options) {
  const auto environment = make_environment("Drive");
  const EnvironmentSpec& spec = environment->spec();
  InputEvents events;
  const Binding binding = make_binding(spec.layout, spec.action);
  SyntheticOperator device(events, binding, spec, make_expert(spec.id, operator_style()), options.rate);
  const ScratchFolder scratch;
  DatasetHeader header = tools::task_header(*environment);
  header.device = device.kind();
  header.program_version = program_version();
  DemonstrationWriter writer(scratch.path() / "bench.h5", header);

  RealClock clock;
  RecorderOptions recording;
  recording.episodes = 0;
  recording.seed = options.seed;
  recording.rate = options.rate;
  std::vector<double> late;  // µs
  std::int64_t skipped = 0;
  RecorderHooks hooks;
  hooks.tick = [&](const Tick& tick) {
    late.push_back((tick.start - tick.deadline) * 1e6);
    skipped += tick.skipped;
  };
  const double end = clock.now() + options.seconds;
  hooks.interrupted = [&] { return clock.now() >= end || tools::interrupted(); };
  const RecordingSummary summary = Recorder(*environment, device, writer, clock, recording, hooks).run();

  std::sort(late.begin(), late.end());
  const std::string name = "control loop " + std::to_string(std::lround(options.rate)) + " Hz ";
  char note[96];
  std::snprintf(note, sizeof note, "%zu ticks in %.1f s, %lld steps recorded", late.size(), summary.seconds,
                static_cast<long long>(summary.steps));
  return {{name + "late start, median", "us", {quantile(late, 0.5)}, note},
          {name + "late start, p99", "us", {quantile(late, 0.99)}, ""},
          {name + "late start, max", "us", {late.back()}, ""},
          {name + "overruns",
           "steps",
           {static_cast<double>(summary.overruns)},
           std::to_string(skipped) + " periods skipped"}};
}

}  // namespace understudy::bench
