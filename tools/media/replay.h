#pragma once
/// \file An episode on the stage: any of its moments can be shown, and all of them drawn into a video.

#include <string>

#include "capture/view/hud.h"
#include "datasets/types/episode.h"
#include "envs/contract/environment.h"
#include "envs/rendering/renderer.h"

namespace understudy::tools {

/// One episode to look at.
struct Take {
  std::string name;   ///< e.g. "demo_3"
  std::string actor;  ///< who acted
  Episode episode;    ///< with its states
};

class Replay {
 public:
  /// Resets `environment`, which has to stay, as the episode was varied. `place` as in vary_as_recorded.
  Replay(Environment& environment, Take take, const std::string& place);

  /// Moments 0 to T.
  int last() const { return take_.episode.length(); }
  double rate() const { return environment_.spec().control_rate; }
  const Take& take() const { return take_; }

  void show(int moment);
  const Scene& scene() { return environment_.scene(); }
  HudState& hud() { return hud_; }

 private:
  Environment& environment_;
  Take take_;
  HudState hud_;
};

struct DrawOptions {
  std::string out;   ///< as in make_frame_sink
  int width = 1280;  ///< pixels
  int height = 720;
  int camera = 0;
  double speed = 1;  ///< 1: real time
  bool force = false;
  bool hud = true;
  double most_rate = 1000;  ///< pictures per second of the episode, at most
  RendererOptions renderer{};
};

/// Pictures into a file or a folder. Throws like make_frame_sink and OffscreenRenderer, Interrupted on Ctrl-C, which
/// handle_interrupts has to be waiting for.
void draw(Replay& replay, const DrawOptions& options);

}  // namespace understudy::tools
