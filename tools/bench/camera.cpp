// How many pictures a second the cameras give, for policies that see.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "envs/camera_rig.h"
#include "envs/registry.h"
#include "envs/rollout.h"
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

/// Pictures (times, with all that belongs to one) per second over the states of `episode`, again and again.
double rate(CameraRig& rig, Environment& environment, const Episode& episode, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double elapsed = 0;
  long pictures = 0;
  while (elapsed < seconds) {
    environment.show_state(episode.states.row(pictures % episode.states.rows()).transpose());
    rig.shoot(environment.scene());
    ++pictures;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return static_cast<double>(pictures) / elapsed;
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
      rate(*rigs.back(), *environment, episode, 0.05);  // shaders are compiled at the first use
      measurements.push_back({.name = id + " " + camera + " " + std::to_string(format.width) + "x" +
                                      std::to_string(format.height) +
                                      (format.sensors ? " RGB, depth, segmentation" : " RGB"),
                              .unit = "frames/s",
                              .samples = {},
                              .note = measurements.empty() ? rigs.back()->driver() : ""});
    }
    // In turn, so that what else the machine does meets all formats alike.
    for (int i = 0; i < options.repeats; ++i) {
      for (std::size_t f = 0; f < rigs.size(); ++f) {
        measurements[first + f].samples.push_back(rate(*rigs[f], *environment, episode, options.seconds));
      }
    }
  }
  return measurements;
}

}  // namespace understudy::bench
