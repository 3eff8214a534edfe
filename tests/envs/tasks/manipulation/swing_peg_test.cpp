#include "envs/tasks/manipulation/swing_peg.h"

#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace swing_peg;

TEST_CASE("the fields of SwingPeg's observation are where the header says") {
  const Space space = make_swing_peg()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("tip_to_hole") == kTipToHole);
  CHECK(space.offset("peg_vel") == kPegVel);
  CHECK(space.offset("peg_to_hand") == kPegToHand);
  CHECK(space.offset("lean") == kLean);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("a hand that stays where it is leaves the peg swinging, on a rope that does not stretch") {
  const auto env = make_swing_peg();
  Vector o(kObservationSize);
  env->reset(GENERATE(3, 4), o);
  float fastest = 0;
  for (int t = 0; t < 90; ++t) {
    env->step(Vector::Zero(3), o);
    // Rope and half the peg.
    REQUIRE(o.segment<3>(kPegToHand).norm() < 0.2401F);
    REQUIRE(o.segment<3>(kPegToHand).norm() > 0.22F);
    REQUIRE(o.segment<3>(kEefVel).norm() < 0.1F);
    if (t > 60) fastest = std::max(fastest, o.segment<3>(kPegVel).norm());
  }
  CHECK(fastest > 0.05F);
}

TEST_CASE("the peg's velocity is the derivative of its place") {
  const auto env = make_swing_peg();
  Vector o(kObservationSize), before(kObservationSize);
  env->reset(5, before);
  for (int t = 0; t < 30; ++t) {
    env->step(Vector::Zero(3), o);
    // The hand stays: what moves is the peg.
    const Eigen::Vector3f moved = -(o - before).segment<3>(kPegToHand) * 30;
    const Eigen::Vector3f mean = (o + before).segment<3>(kPegVel) / 2;
    CHECK((moved - mean).norm() < 0.05F);
    before = o;
  }
}

TEST_CASE("the peg goes in 4 cm deep, hanging straight") {
  const auto env = make_environment("SwingPeg");
  const auto expert = make_expert("SwingPeg");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22, 23));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const auto end = episode.observations.row(episode.length());
  CHECK(end[kTipToHole + 2] >= 0.04F);
  CHECK(episode.observations(episode.length() - 1, kTipToHole + 2) < 0.04F);
  CHECK(end.segment<2>(kTipToHole).cwiseAbs().maxCoeff() < 0.016F);
  CHECK(end.segment<2>(kLean).norm() < 0.2F);
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < 0);
  CHECK(episode.rewards.back() > 4.9F);
}

}  // namespace
}  // namespace understudy
