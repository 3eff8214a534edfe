#pragma once
/// \file What someone who records sees: a window, and what the session has to show in it.

#include <optional>
#include <string>
#include <vector>

#include "capture/input/action_words.h"
#include "capture/input/controls.h"
#include "capture/view/window.h"
#include "datasets/types/matrix.h"
#include "datasets/types/space.h"

namespace understudy {

/// Adds to a recorder's HUD the action in an operator's words, the path of the last saved episode and the help,
/// which folds away after the first episode or by its key. Used by the thread that made it.
class OperatorScreen {
 public:
  OperatorScreen(const WindowOptions& options, const Space& action);

  /// Every tick.
  void show(const Scene& scene, HudState hud);
  /// The operator asks for another view, another second picture, or the help; others are none of its business.
  void call(Function function);

  /// Turns an action `[act_dim]` from the operator's point of view, as last shown, to the task's: what says
  /// forward goes away from the eye (orbit.h).
  void turn(VectorRef action) const;
  /// From now on forward is away from the eye. Until then it is the task's x, as for those who see no picture.
  void follow_view() { follows_view_ = true; }
  void show_coverage(std::optional<HudCoverage> coverage) { coverage_ = std::move(coverage); }
  /// Where the hand went in the last demonstration, m.
  void show_path(std::vector<Eigen::Vector3f> path) { window_.show_path(std::move(path)); }
  Window& window() { return window_; }

 private:
  std::vector<HudMove> moves(const std::vector<float>& action) const;
  void follow(const Scene& scene, const HudState& hud);

  Window window_;
  std::vector<ActionWords> words_;
  std::optional<HudCoverage> coverage_;
  bool follows_view_ = false;
  SceneHandle handle_;            ///< of the scene last shown
  double heading_ = 0;            ///< away from the eye
  std::optional<bool> folded_{};  ///< the help, by the operator's own wish
  bool recorded_ = false;         ///< an episode was begun and is over
  std::string phase_;             ///< last shown
  int saved_ = 0;
  double seconds_ = 0;                 ///< of the episode, last shown
  std::vector<Eigen::Vector3f> path_;  ///< of the live episode
  std::vector<double> times_;          ///< s, of the path's points
};

/// Adds `place` to `path` unless it is where that ends already.
void extend_path(std::vector<Eigen::Vector3f>& path, const Eigen::Vector3f& place);

}  // namespace understudy
