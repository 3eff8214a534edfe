// How long the operator's window takes for a picture, with and without what helps who drives.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "capture/input/bindings.h"
#include "capture/view/operator_screen.h"
#include "envs/contract/random_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

constexpr int kWidth = 1280, kHeight = 720;  // pixels
constexpr long kWarmUp = 3;                  // pictures, at the first of which shaders are compiled
constexpr auto kTick = std::chrono::milliseconds(16);

/// ms a picture, over the states of `episode`, for `seconds`.
double measure(Environment& environment, const Episode& episode, bool aids, double seconds) {
  OperatorScreen screen({.width = kWidth, .height = kHeight, .aids = aids}, environment.spec().action);
  HudState hud{.task = environment.spec().id, .phase = "recording"};
  const auto show_for = [&](double time, long frames) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(time);
    const long before = screen.window().frames_drawn();
    for (long moment = 0;
         std::chrono::steady_clock::now() < end || screen.window().frames_drawn() < before + frames;
         ++moment) {
      environment.show_state(episode.states.row(moment % episode.states.rows()).transpose());
      const auto action = episode.actions.row(moment % episode.actions.rows());
      hud.action.assign(action.begin(), action.end());
      screen.show(environment.scene(), hud);
      std::this_thread::sleep_for(kTick);
    }
  };
  show_for(0, kWarmUp);
  const long frames = screen.window().frames_drawn();
  const double drawing = screen.window().seconds_drawing();
  show_for(seconds, 1);
  return 1e3 * (screen.window().seconds_drawing() - drawing) /
         static_cast<double>(screen.window().frames_drawn() - frames);
}

}  // namespace

std::vector<Measurement> bench_window(const Options& options) {
  // Where nobody looks, nothing is shown but all is drawn.
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) {
    setenv("SDL_VIDEODRIVER", "offscreen", 0);
  }
  std::vector<Measurement> measurements;
  for (const std::string& id : environment_ids()) {
    const auto environment = make_environment(id);
    if (environment->spec().action.size() > static_cast<int>(kAnalogControls)) continue;  // nobody drives it
    const auto actor =
        has_expert(id) ? make_expert(id) : make_random_actor(environment->spec().action.size());
    const Episode episode = rollout(*environment, *actor, options.seed, {.keep_states = true});
    Vector observation(environment->spec().observation.size());
    environment->reset(episode.seed, observation);
    const std::size_t first = measurements.size();
    for (const bool aids : {false, true}) {
      measurements.push_back(
          {.name = id + (aids ? " with aids" : " plain"), .unit = "ms/frame", .samples = {}, .note = {}});
    }
    if (!wanted(options, id)) {
      measurements.resize(first);
      continue;
    }
    // In turn, so that what else the machine does meets both alike.
    for (int i = 0; i < options.repeats; ++i) {
      for (const bool aids : {false, true}) {
        measurements[first + (aids ? 1 : 0)].samples.push_back(
            measure(*environment, episode, aids, options.seconds));
      }
    }
  }
  return measurements;
}

}  // namespace understudy::bench
