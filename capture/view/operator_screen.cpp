#include "capture/view/operator_screen.h"

#include "capture/view/orbit.h"

namespace understudy {
namespace {

constexpr float kStep = 1e-3F;  // m between two points of a path

}  // namespace

void extend_path(std::vector<Eigen::Vector3f>& path, const Eigen::Vector3f& place) {
  if (path.empty() || (place - path.back()).norm() >= kStep) path.push_back(place);
}

OperatorScreen::OperatorScreen(const WindowOptions& options, const Space& action)
    : window_(options), words_(action_words(action)) {}

std::vector<HudMove> OperatorScreen::moves(const std::vector<float>& action) const {
  if (action.size() != words_.size()) return {};
  Vector seen = Eigen::Map<const Vector>(action.data(), static_cast<Eigen::Index>(action.size()));
  if (follows_view_) turn_to_screen(handle_, heading_, seen);
  std::vector<HudMove> moves;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const ActionWords& words = words_[i];
    const float value = seen[static_cast<Eigen::Index>(i)];
    moves.push_back(words.positive_left
                        ? HudMove{.left = words.positive, .right = words.negative, .value = -value}
                        : HudMove{.left = words.negative, .right = words.positive, .value = value});
  }
  return moves;
}

/// The path of the live episode, and its end as the path that is shown.
void OperatorScreen::follow(const Scene& scene, const HudState& hud) {
  if (hud.saved > saved_ && !path_.empty()) window_.show_path(path_);
  saved_ = hud.saved;
  const bool live = hud.phase == "recording" || hud.phase == "paused" || hud.phase == "judge";
  if (!live) {
    if (!path_.empty()) recorded_ = true;
    path_.clear();
    times_.clear();
    return;
  }
  if (scene.handle.body < 0) {
    recorded_ = recorded_ || hud.phase == "judge";
    return;
  }
  while (!times_.empty() && times_.back() > hud.episode_seconds) {  // taken back
    times_.pop_back();
    path_.pop_back();
  }
  extend_path(path_, handle_place(scene));
  if (times_.size() < path_.size()) times_.push_back(hud.episode_seconds);
}

void OperatorScreen::show(const Scene& scene, HudState hud) {
  handle_ = scene.handle;
  heading_ = window_.heading(scene);
  follow(scene, hud);
  hud.moves = moves(hud.action);
  hud.coverage = coverage_;
  if (hud.help_key.empty()) hud.help_key.assign(1, 'H');
  hud.help_folded = folded_.value_or(recorded_ || hud.saved > 0);
  window_.submit(scene, hud);
}

void OperatorScreen::call(Function function) {
  if (function == Function::kCamera) window_.next_camera();
  if (function == Function::kSecondView) window_.next_inset();
  if (function == Function::kHelp) folded_ = !folded_.value_or(recorded_ || saved_ > 0);
}

void OperatorScreen::turn(VectorRef action) const {
  if (follows_view_) turn_from_screen(handle_, heading_, action);
}

}  // namespace understudy
