#include "envs/tasks/manipulation/reach.h"

#include <cmath>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace reach;

TEST_CASE("the fields of Reach's observation are where the header says") {
  const Space space = make_reach()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_target") == kToTarget);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("a full push moves the hand at half a metre per second in its own direction") {
  const auto env = make_reach();
  Vector o(kObservationSize), start(kObservationSize);
  for (int axis = 0; axis < 3; ++axis) {
    env->reset(4, start);
    Vector action = Vector::Zero(3);
    // Towards the target, so that the workspace's walls are far.
    action[axis] = start[kToTarget + axis] > 0 ? 1.0F : -1.0F;
    for (int t = 0; t < 6; ++t) env->step(action, o);
    const Eigen::Vector3f moved = start.segment<3>(kToTarget) - o.segment<3>(kToTarget);
    const float along = 0.5F * 6 / 30;
    CHECK(moved[axis] == Approx(action[axis] * along).margin(0.01));
    for (int other = 0; other < 3; ++other) {
      if (other != axis) CHECK(std::abs(moved[other]) < 0.005F);
    }
    CHECK(o[kEefVel + axis] == Approx(0.5F * action[axis]).margin(0.03));
  }
}

TEST_CASE("the speed limit holds for diagonal pushes too") {
  const auto env = make_reach();
  Vector o(kObservationSize);
  env->reset(5, o);
  const Vector start = o;
  const Vector action = o.segment<3>(kToTarget).cwiseSign();
  for (int t = 0; t < 6; ++t) env->step(action, o);
  CHECK((o - start).segment<3>(kToTarget).norm() == Approx(0.1).margin(0.01));
}

TEST_CASE("with the stick released the hand stays where it is") {
  const auto env = make_reach();
  Vector o(kObservationSize);
  env->reset(6, o);
  const Vector start = o;
  for (int t = 0; t < 100; ++t) env->step(Vector::Zero(3), o);
  CHECK((o - start).segment<3>(kToTarget).norm() < 1e-3F);
}

TEST_CASE("the workspace stops the hand before the table and before it is out of reach") {
  const auto env = make_reach();
  Vector o(kObservationSize);
  for (int axis = 0; axis < 3; ++axis) {
    for (const float side : {-1.0F, 1.0F}) {
      env->reset(7, o);
      Vector action = Vector::Zero(3);
      action[axis] = side;
      for (int t = 0; t < 90; ++t) env->step(action, o);
      CAPTURE(axis, side);
      CHECK(o.segment<3>(kEefVel).norm() < 0.01F);
    }
  }
}

TEST_CASE("success comes with the tenth step in a row within two centimetres, and ends the episode") {
  const auto env = make_environment("Reach");
  const auto expert = make_expert("Reach");
  const Episode episode = rollout(*env, *expert, GENERATE(31, 32, 33));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const int last = episode.length();
  for (int t = 1; t <= last; ++t) {
    const float distance = episode.observations.row(t).segment<3>(kToTarget).norm();
    if (t > last - kHoldSteps) CHECK(distance < 0.02F);
    if (t == last - kHoldSteps) CHECK(distance >= 0.02F);
  }
  // Every step before the last costs something, so a faster success is worth more.
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < 0);
  CHECK(episode.rewards.back() > 4.9F);
}

}  // namespace
}  // namespace understudy
