// How many pictures a second the cameras give, for policies that see.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "envs/contract/random_actor.h"
#include "envs/rendering/camera_rig.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

struct Format {
  int width;
  int height;
  bool sensors;  ///< depth and segmentation as well
};
constexpr Format kFormats[] = {{84, 84, false}, {84, 84, true}, {640, 480, false}, {640, 480, true}};

/// Random actions for half a second of the task's time, so that things have moved but nothing is over.
Episode short_episode(Environment& environment, std::uint64_t seed) {
  const std::unique_ptr<Actor> actor = make_random_actor(environment.spec().action.size());
  Episode episode = rollout(environment, *actor, seed, {.keep_states = true});
  const auto rows = std::min<Eigen::Index>(
      episode.states.rows(), 1 + static_cast<Eigen::Index>(environment.spec().control_rate / 2));
  episode.states.conservativeResize(rows, Eigen::NoChange);
  return episode;
}

/// Of this process and the driver's threads so far, s: unlike the rate, other programs hardly change it.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Speed {
  double rate = 0;            ///< pictures a second
  double processor_time = 0;  ///< s a picture
};

/// Pictures (times, with all that belongs to one) per second over the states of `episode`, again and again.
Speed measure(CameraRig& rig, Environment& environment, const Episode& episode, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double elapsed = 0;
  long pictures = 0;
  const double processor_before = processor_seconds();
  while (elapsed < seconds) {
    environment.show_state(episode.states.row(pictures % episode.states.rows()).transpose());
    rig.shoot(environment.scene());
    ++pictures;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return {.rate = static_cast<double>(pictures) / elapsed,
          .processor_time = (processor_seconds() - processor_before) / static_cast<double>(pictures)};
}

}  // namespace

std::vector<Measurement> bench_camera(const Options& options) {
  std::vector<Measurement> measurements;
  for (const std::string& id : environment_ids()) {
    const auto environment = make_environment(id);
    const Episode episode = short_episode(*environment, options.seed);
    Vector observation(environment->spec().observation.size());
    environment->reset(episode.seed, observation);
    const std::string camera = environment->scene().cameras.front().name;
    std::vector<std::unique_ptr<CameraRig>> rigs;
    const std::size_t first = measurements.size();
    for (const Format& format : kFormats) {
      rigs.push_back(std::make_unique<CameraRig>(
          CameraRigOptions{.cameras = {{.name = camera, .width = format.width, .height = format.height}},
                           .depth = format.sensors,
                           .segmentation = format.sensors}));
      measure(*rigs.back(), *environment, episode, 0.05);  // shaders are compiled at the first use
      measurements.push_back({.name = id + " " + camera + " " + std::to_string(format.width) + "x" +
                                      std::to_string(format.height) +
                                      (format.sensors ? " RGB, depth, segmentation" : " RGB"),
                              .unit = "frames/s",
                              .samples = {},
                              .note = {}});
    }
    std::vector<std::vector<double>> times(rigs.size());  // ms
    // In turn, so that what else the machine does meets all formats alike.
    for (int i = 0; i < options.repeats; ++i) {
      for (std::size_t f = 0; f < rigs.size(); ++f) {
        const Speed speed = measure(*rigs[f], *environment, episode, options.seconds);
        measurements[first + f].samples.push_back(speed.rate);
        times[f].push_back(1e3 * speed.processor_time);
      }
    }
    for (std::size_t f = 0; f < rigs.size(); ++f) {
      const auto middle = times[f].begin() + static_cast<std::ptrdiff_t>(times[f].size() / 2);
      std::nth_element(times[f].begin(), middle, times[f].end());
      char note[160];
      std::snprintf(note, sizeof note, "%.2f ms of processor time each%s%s", *middle, f == 0 ? "; " : "",
                    f == 0 ? rigs[f]->driver().c_str() : "");
      measurements[first + f].note = note;
    }
  }
  return measurements;
}

}  // namespace understudy::bench
