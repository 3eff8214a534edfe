#include "envs/tasks/manipulation/drawer.h"

#include "envs/robots/robot_body.h"
#include "envs/robots/urdf.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "envs/world/bullet_world.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace drawer;

TEST_CASE("the fields of Drawer's observation are where the header says") {
  const Space space = make_drawer()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_handle") == kToHandle);
  CHECK(space.offset("left") == kLeft);
  CHECK(space.offset("opening") == kOpening);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("the drawer resists 2.9 N and slides at (F - 3 N) / (6 N·s/m) under more") {
  const double force = GENERATE(2.9, 4.2);
  BulletWorld world;
  RobotBody drawer(world, read_model("drawer"), {.fixed_base = true});
  for (int t = 0; t < 480; ++t) {
    drawer.add_torque(0, force);
    drawer.add_damping();
    world.step();
    // Long before the stop at 25 cm, which it reaches at 0.2 m/s in 1.25 s and later for the
    // time it takes to speed up.
    if (t == 239) CHECK(drawer.velocity(0) == Approx(force < 3 ? 0 : 0.2).margin(0.01));
  }
  CHECK(drawer.position(0) == Approx(force < 3 ? 0 : 0.25).margin(1e-3));
}

TEST_CASE("Drawer succeeds once 17 cm are pulled, by a hand that is still at the handle") {
  const auto env = make_environment("Drawer");
  const auto expert = make_expert("Drawer");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22, 23));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const int last = episode.length();
  CHECK(episode.observations(0, kLeft) == Approx(0.2).margin(1e-6));
  CHECK(episode.observations(last, kLeft) <= 0.03F);
  CHECK(episode.observations(last - 1, kLeft) > 0.03F);
  CHECK(episode.observations.row(last).segment<3>(kToHandle).norm() < 0.015F);
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < 0);
  CHECK(episode.rewards.back() > 4.9F);
}

}  // namespace
}  // namespace understudy
