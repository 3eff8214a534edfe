#pragma once
/// \file A task without physics, for tests of what surrounds a task: a point on a line
/// that moves by its action.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "envs/contract/environment.h"

namespace understudy::tests {

/// Which promise of Environment a LineTask breaks.
enum class Flaw {
  kNone,
  kSpaceWithoutMeaning,
  kOutOfBounds,
  kForgetsToWrite,
  kRemembersEpisodes,
  kIgnoresSeed,
  kRestoresWrongly,
  kDoesNotClamp,
  kTakesNan,
  kStepsAfterEnd,
  kStepsBeforeReset,
  kTruncatesItself,
  kShowsNothing,
  kBentPose,
};

/// x starts in [-0.5, 0.5] and changes by 0.1 * action; |x| >= 1 terminates, with success on the right.
class LineTask final : public Environment {
 public:
  explicit LineTask(Flaw flaw = Flaw::kNone, int horizon = 50) : flaw_(flaw) {
    spec_.id = "Line";
    spec_.summary = "move to the right end of a line";
    spec_.success = "x >= 1";
    spec_.observation =
        Space({{"x", 1, "m", -2, 2, flaw == Flaw::kSpaceWithoutMeaning ? "" : "place on the line"}});
    spec_.action = Space({{"push", 1, "-", -1, 1, "right positive"}});
    spec_.horizon = horizon;
    spec_.layout = "default";
    scene_.cameras.push_back({"front", 0, {0, -3, 1}, {0, 0, 0}, 0.9F});
    scene_.poses.push_back(Eigen::Isometry3f::Identity());
    SceneShape ball;
    ball.kind = ShapeKind::kSphere;
    ball.body = 1;
    scene_.shapes.push_back(ball);
  }

  const EnvironmentSpec& spec() const override { return spec_; }

  void reset(std::uint64_t seed, VectorRef observation) override {
    seed_ = seed;
    const double before = x_;
    x_ = Rng(flaw_ == Flaw::kIgnoresSeed ? 1 : seed).uniform(-0.5, 0.5);
    if (flaw_ == Flaw::kRemembersEpisodes) x_ += 0.01 * before;
    actions_.resize(0, 1);
    begun_ = true, over_ = shown_ = false;
    observation[0] = static_cast<float>(x_);
  }

  StepResult step(ConstVectorRef action, VectorRef observation) override {
    if (!begun_ && flaw_ != Flaw::kStepsBeforeReset) throw Error("Line: no episode");
    if ((over_ && flaw_ != Flaw::kStepsAfterEnd) || shown_) throw Error("Line: the episode is over");
    if (!std::isfinite(action[0]) && flaw_ != Flaw::kTakesNan) throw Error("Line: action is not finite");
    const float push = flaw_ == Flaw::kDoesNotClamp ? action[0] : std::clamp(action[0], -1.0F, 1.0F);
    actions_.conservativeResize(actions_.rows() + 1, 1);
    actions_(actions_.rows() - 1, 0) = push;
    x_ += 0.1 * push;
    StepResult result;
    result.reward = push;
    result.terminated = over_ = std::abs(x_) >= 1;
    result.success = x_ >= 1;
    result.truncated = flaw_ == Flaw::kTruncatesItself && actions_.rows() == 20;
    if (flaw_ != Flaw::kForgetsToWrite) {
      observation[0] = flaw_ == Flaw::kOutOfBounds ? 3.0F : static_cast<float>(x_);
    }
    return result;
  }

  Snapshot save_state() const override { return {.seed = seed_, .actions = actions_}; }

  void restore_state(const Snapshot& snapshot, VectorRef observation) override {
    const Matrix actions = snapshot.actions;
    reset(snapshot.seed, observation);
    for (Eigen::Index t = 0; t < actions.rows(); ++t) step(actions.row(t).transpose(), observation);
    if (flaw_ == Flaw::kRestoresWrongly) x_ += 1e-9;
  }

  int state_dim() const override { return 1; }
  void read_state(StateRef state) const override { state[0] = x_; }
  void show_state(ConstStateRef state) override {
    if (flaw_ != Flaw::kShowsNothing) x_ = state[0];
    shown_ = true;
  }

  const Scene& scene() override {
    scene_.poses[1].translation().x() = static_cast<float>(x_);
    if (flaw_ == Flaw::kBentPose) scene_.poses[1].linear() *= 2.0F;
    return scene_;
  }

  double engine_seconds() const override { return 0; }

 private:
  Flaw flaw_;
  EnvironmentSpec spec_;
  std::uint64_t seed_ = 0;
  double x_ = 0;
  Matrix actions_{0, 1};
  bool begun_ = false, over_ = false, shown_ = false;
  Scene scene_;
};

}  // namespace understudy::tests
