#pragma once
/// \file What the operator reads on top of the picture.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/view/marks.h"
#include "envs/contract/scene.h"

namespace understudy {

/// One entry of the action as its operator sees it: a bar between two words.
struct HudMove {
  std::string left;   ///< what -1 does, e.g. "back"
  std::string right;  ///< what +1 does
  float value = 0;    ///< in [-1, 1]
};

/// How well the starts that the task draws are covered by those that were recorded.
struct HudCoverage {
  double share = 0;       ///< of the task's starts that have a recorded one near, in [0, 1]
  std::string here{};     ///< what this start is beside those recorded, e.g. "new start"
  std::string missing{};  ///< where demonstrations are missing most; may be empty
};

/// Everything the HUD shows. Empty strings, empty lists and zero rates are left out of the picture.
struct HudState {
  std::string task{};          ///< e.g. "Drive"
  std::string phase{};         ///< "ready", "recording", "paused", "saved", "discarded", "replay", ...
  int saved = 0;               ///< episodes saved
  int wanted = 0;              ///< episodes asked for; 0: no goal
  double episode_seconds = 0;  ///< s since the episode began
  double rate = 0;             ///< Hz, measured control rate; 0: not measured
  double wanted_rate = 0;      ///< Hz
  int overruns = 0;            ///< missed deadlines in this episode
  std::string device{};        ///< e.g. "Xbox Wireless Controller"
  std::vector<std::pair<std::string, std::string>> controls{};  ///< e.g. {"Y", "end and save as success"}
  std::vector<float> action{};                                  ///< present action, entries in [-1, 1]
  std::vector<std::string> action_names{};  ///< of the entries, e.g. "steer"; may be empty
  std::vector<HudMove> moves{};             ///< what is shown of the action instead of `action`, if any
  std::vector<SceneFigure> figures{};       ///< what the task is judged by; none: the scene's
  std::optional<HudCoverage> coverage{};
  std::string help_key{};  ///< what folds `controls` away and brings them back; "": nothing does
  bool help_folded = false;
  std::string message{};     ///< one line at the bottom; "" for none
  bool warning = false;      ///< the message is a warning
  double seconds_left = -1;  ///< s until the episode's time is up; below 0: nobody counts
  std::string ended{};       ///< why the episode is over, e.g. "time is up"; "" while it is not
  std::string driver{};      ///< who drives where a policy may, e.g. "policy, version 3" or "you"
};

/// Draws HudState over the bound framebuffer with Dear ImGui. Needs the same current OpenGL 3.3 context from
/// construction to destruction; used by one thread at a time.
class Hud {
 public:
  /// `scale` is that of text and panels, 1 what suits a picture of 1280 x 720; 0: the smaller of height / 720
  /// and width / 1280, so that it stays readable on a large or dense display. Throws Error when Dear ImGui finds
  /// no OpenGL.
  explicit Hud(float scale = 0);
  ~Hud();
  Hud(const Hud&) = delete;
  Hud& operator=(const Hud&) = delete;

  /// `width`, `height`: of the framebuffer, pixels.
  void draw(const HudState& state, int width, int height, const HudMarks& marks = {});
  /// The help's column at the right, pixels: how wide it is and how far down it is taken, figures and all. 0 and 0
  /// when there are no `controls` or they are folded away.
  struct Column {
    int width = 0;
    int bottom = 0;
  };
  Column help_column(const HudState& state, int width, int height);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
