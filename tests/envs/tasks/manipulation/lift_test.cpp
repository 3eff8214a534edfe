#include "envs/tasks/manipulation/lift.h"

#include "envs/rollouts/rollout.h"
#include "envs/tasks/manipulation/carry.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace lift;

TEST_CASE("the fields of Lift's observation are where the header says") {
  const Space space = make_lift()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_cube") == kToCube);
  CHECK(space.offset("cube_turn") == kCubeTurn);
  CHECK(space.offset("opening") == kOpening);
  CHECK(space.offset("lifted") == kLifted);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("the cube lies still until it is touched") {
  const auto env = make_lift();
  Vector o(kObservationSize);
  env->reset(3, o);
  const Vector start = o;
  for (int t = 0; t < 60; ++t) env->step(Vector::Zero(5), o);
  CHECK((o - start).cwiseAbs().maxCoeff() < 1e-3F);
}

TEST_CASE("Lift succeeds when the cube passes 4 cm, between two fingers, and pays most then") {
  const auto env = make_environment("Lift");
  const auto expert = make_expert("Lift");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22, 23));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const int last = episode.length();
  CHECK(episode.observations(last, kLifted) > 0.04F);
  CHECK(episode.observations(last - 1, kLifted) <= 0.04F);
  // The pads press on an edge of 4 cm.
  CHECK(episode.observations(last, kOpening) == Approx(0.04).margin(1e-3));
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < -0.4F);
  CHECK(episode.rewards.back() == 0);
}

TEST_CASE("a hand that stays open does not lift the cube") {
  const auto env = make_environment("Lift");
  const auto expert = make_expert("Lift");
  class Open : public Actor {
   public:
    explicit Open(Actor& other) : other_(other) {}
    void reset(int row, std::uint64_t seed) override { other_.reset(row, seed); }
    void act(ConstMatrixRef observations, MatrixRef actions) override {
      other_.act(observations, actions);
      actions.col(4).setConstant(-1);
    }

   private:
    Actor& other_;
  } open(*expert);
  StepResult last;
  CHECK_FALSE(rollout(*env, open, 21, {.last = &last}).success);
  CHECK(last.cause.empty());  // it never carried the cube
  CHECK(cause_of_failure(last) == "time out");
}

TEST_CASE("a cube that is let go in the air is dropped, and no more once it is in the hand again") {
  const auto env = make_environment("Lift");
  const auto expert = make_expert("Lift");
  Vector o(kObservationSize);
  Matrix seen(1, kObservationSize), chosen(1, 5);
  env->reset(21, o);
  expert->reset(0, 21);
  StepResult result;
  const auto step = [&](bool open) {
    seen.row(0) = o.transpose();
    expert->act(seen, chosen);
    if (open) chosen(0, 4) = -1;
    result = env->step(chosen.row(0).transpose(), o);
  };
  while (o[kLifted] < 0.02F) {
    step(false);
    REQUIRE(result.cause.empty());
  }
  for (int t = 0; t < 15; ++t) step(true);
  CHECK(o[kLifted] < 0.01F);
  CHECK(result.cause == "dropped");
  while (!result.terminated && !result.truncated) step(false);
  CHECK(result.success);
  CHECK(result.cause.empty());
}

TEST_CASE("what stands is knocked over when it lies before it was carried, dropped when it lies afterwards") {
  Carry carry;
  CHECK(carry.after(false, 0, 1).empty());
  CHECK(carry.after(false, -0.03, 0) == "knocked over");
  CHECK(carry.after(true, -0.03, 0).empty());
  CHECK(carry.after(false, -0.03, 0) == "knocked over");  // gripped, but not lifted
  CHECK(carry.after(true, 0.01, 0).empty());
  CHECK(carry.after(false, -0.03, 0) == "dropped");
}

}  // namespace
}  // namespace understudy
