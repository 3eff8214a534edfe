#pragma once
/// \file What the operator reads on top of the picture.

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace understudy {

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
  std::string message{};                    ///< one line at the bottom; "" for none
  bool warning = false;                     ///< the message is a warning
  double seconds_left = -1;                 ///< s until the episode's time is up; below 0: nobody counts
  std::string ended{};   ///< why the episode is over, e.g. "time is up"; "" while it is not
  std::string driver{};  ///< who drives where a policy may, e.g. "policy, version 3" or "you"
};

/// Draws HudState over the bound framebuffer with Dear ImGui. Needs the same current OpenGL 3.3 context from
/// construction to destruction; used by one thread at a time.
class Hud {
 public:
  /// Throws Error when Dear ImGui finds no OpenGL.
  Hud();
  ~Hud();
  Hud(const Hud&) = delete;
  Hud& operator=(const Hud&) = delete;

  /// `width`, `height`: of the framebuffer, pixels. Text grows with the smaller of height / 720 and
  /// width / 1280, so that it stays readable on a large or dense display.
  void draw(const HudState& state, int width, int height);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace understudy
