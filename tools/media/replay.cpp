#include "tools/media/replay.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "capture/input/bindings.h"
#include "datasets/types/error.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/offscreen.h"
#include "tools/console/console.h"
#include "tools/media/replay_check.h"
#include "tools/media/video.h"

namespace understudy::tools {

Replay::Replay(Environment& environment, Take take, const std::string& place)
    : environment_(environment), take_(std::move(take)) {
  vary_as_recorded(environment, take_.episode, place);
  Vector observation(environment.spec().observation.size());
  environment.reset(take_.episode.seed, observation);
  hud_.task = environment.spec().id;
  hud_.device = take_.actor + ", " + take_.name;
  hud_.action_names = entry_names(environment.spec().action);
  show(0);
}

void Replay::show(int moment) {
  const Episode& episode = take_.episode;
  environment_.show_state(episode.states.row(moment).transpose());
  hud_.phase = "replay";
  hud_.episode_seconds = moment / rate();
  hud_.action.clear();
  hud_.message.clear();
  if (moment < last()) {
    hud_.action.assign(episode.actions.row(moment).begin(), episode.actions.row(moment).end());
  } else {
    const bool judged = environment_.spec().has_success();
    hud_.message = take_.name + (!judged ? ": over" : episode.success ? ": success" : ": failure");
  }
}

void draw(Replay& replay, const DrawOptions& options) {
  OffscreenRenderer renderer(
      {.width = options.width, .height = options.height, .renderer = options.renderer});
  // Every so manyth moment, and the last.
  const int stride = std::max(1, static_cast<int>(std::lround(replay.rate() / options.most_rate)));
  const int pictures = (replay.last() + stride - 1) / stride + 1;
  const auto sink = make_frame_sink(options.out, {.width = options.width,
                                                  .height = options.height,
                                                  .rate = replay.rate() / stride * options.speed,
                                                  .force = options.force});
  std::unique_ptr<Hud> hud;
  if (options.hud) renderer.with_context([&] { hud = std::make_unique<Hud>(); });
  const auto overlay = [&] {
    replay.hud().figures = replay.scene().figures;
    if (hud) hud->draw(replay.hud(), options.width, options.height);
  };
  CameraMotion motion;
  {
    Progress progress("drawing " + replay.take().name, pictures, "pictures");
    for (int picture = 0; picture < pictures; ++picture) {
      if (interrupted()) {
        throw Interrupted("stopped after " + std::to_string(picture) + " of " + std::to_string(pictures) +
                          " pictures; nothing was kept of " + options.out);
      }
      replay.show(std::min(picture * stride, replay.last()));
      const CameraView view = resolve_camera(replay.scene(), options.camera, motion, stride / replay.rate());
      sink->write(renderer.render(replay.scene(), view, overlay));
      progress.update(picture + 1);
    }
  }
  sink->finish();
  renderer.with_context([&] { hud.reset(); });
}

}  // namespace understudy::tools
